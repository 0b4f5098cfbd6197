//! Names of the MITRE ATT&CK techniques that rules cite.

use std::collections::BTreeMap;

use crate::artifact::FindingReport;

/// The techniques of these findings, sorted by id, each with the rules that speak for it.
pub(crate) fn list_attack(findings: &[FindingReport]) -> Vec<(&str, Vec<&str>)> {
    let mut by_id: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for finding in findings {
        for id in &finding.attack {
            let rules = by_id.entry(id).or_default();
            if !rules.contains(&finding.rule.as_str()) {
                rules.push(&finding.rule);
            }
        }
    }
    by_id.into_iter().collect()
}

/// The name of a technique; of a sub-technique that is not listed, its parent's.
pub(crate) fn attack_name(id: &str) -> Option<&'static str> {
    let find = |wanted: &str| NAMES.iter().find(|(known, _)| *known == wanted).map(|(_, name)| *name);
    find(id).or_else(|| find(id.split('.').next()?))
}

/// Ids and names as the Enterprise matrix has them.
const NAMES: &[(&str, &str)] = &[
    ("T1005", "Data from Local System"),
    ("T1016", "System Network Configuration Discovery"),
    ("T1027", "Obfuscated Files or Information"),
    ("T1027.002", "Software Packing"),
    ("T1027.003", "Steganography"),
    ("T1027.009", "Embedded Payloads"),
    ("T1027.010", "Command Obfuscation"),
    ("T1027.013", "Encrypted/Encoded File"),
    ("T1033", "System Owner/User Discovery"),
    ("T1036", "Masquerading"),
    ("T1036.002", "Right-to-Left Override"),
    ("T1036.005", "Match Legitimate Resource Name or Location"),
    ("T1041", "Exfiltration Over C2 Channel"),
    ("T1048", "Exfiltration Over Alternative Protocol"),
    ("T1053", "Scheduled Task/Job"),
    ("T1055", "Process Injection"),
    ("T1056", "Input Capture"),
    ("T1056.001", "Keylogging"),
    ("T1057", "Process Discovery"),
    ("T1059", "Command and Scripting Interpreter"),
    ("T1059.001", "PowerShell"),
    ("T1059.003", "Windows Command Shell"),
    ("T1059.004", "Unix Shell"),
    ("T1059.006", "Python"),
    ("T1070", "Indicator Removal"),
    ("T1070.004", "File Deletion"),
    ("T1071", "Application Layer Protocol"),
    ("T1071.001", "Web Protocols"),
    ("T1071.004", "DNS"),
    ("T1082", "System Information Discovery"),
    ("T1083", "File and Directory Discovery"),
    ("T1090", "Proxy"),
    ("T1095", "Non-Application Layer Protocol"),
    ("T1098", "Account Manipulation"),
    ("T1098.004", "SSH Authorized Keys"),
    ("T1102", "Web Service"),
    ("T1102.002", "Bidirectional Communication"),
    ("T1104", "Multi-Stage Channels"),
    ("T1105", "Ingress Tool Transfer"),
    ("T1106", "Native API"),
    ("T1112", "Modify Registry"),
    ("T1113", "Screen Capture"),
    ("T1115", "Clipboard Data"),
    ("T1123", "Audio Capture"),
    ("T1125", "Video Capture"),
    ("T1129", "Shared Modules"),
    ("T1132", "Data Encoding"),
    ("T1136", "Create Account"),
    ("T1136.001", "Local Account"),
    ("T1140", "Deobfuscate/Decode Files or Information"),
    ("T1195", "Supply Chain Compromise"),
    ("T1195.001", "Compromise Software Dependencies and Development Tools"),
    ("T1195.002", "Compromise Software Supply Chain"),
    ("T1197", "BITS Jobs"),
    ("T1204", "User Execution"),
    ("T1204.001", "Malicious Link"),
    ("T1204.002", "Malicious File"),
    ("T1218", "System Binary Proxy Execution"),
    ("T1480", "Execution Guardrails"),
    ("T1480.001", "Environmental Keying"),
    ("T1485", "Data Destruction"),
    ("T1486", "Data Encrypted for Impact"),
    ("T1489", "Service Stop"),
    ("T1496", "Resource Hijacking"),
    ("T1497", "Virtualization/Sandbox Evasion"),
    ("T1497.001", "System Checks"),
    ("T1497.003", "Time Based Checks"),
    ("T1499", "Endpoint Denial of Service"),
    ("T1505", "Server Software Component"),
    ("T1505.003", "Web Shell"),
    ("T1518", "Software Discovery"),
    ("T1528", "Steal Application Access Token"),
    ("T1529", "System Shutdown/Reboot"),
    ("T1539", "Steal Web Session Cookie"),
    ("T1543", "Create or Modify System Process"),
    ("T1546", "Event Triggered Execution"),
    ("T1546.004", "Unix Shell Configuration Modification"),
    ("T1546.015", "Component Object Model Hijacking"),
    ("T1546.018", "Python Startup Hooks"),
    ("T1547", "Boot or Logon Autostart Execution"),
    ("T1547.001", "Registry Run Keys / Startup Folder"),
    ("T1548", "Abuse Elevation Control Mechanism"),
    ("T1548.002", "Bypass User Account Control"),
    ("T1552", "Unsecured Credentials"),
    ("T1552.001", "Credentials In Files"),
    ("T1552.004", "Private Keys"),
    ("T1552.005", "Cloud Instance Metadata API"),
    ("T1553", "Subvert Trust Controls"),
    ("T1555", "Credentials from Password Stores"),
    ("T1555.003", "Credentials from Web Browsers"),
    ("T1560", "Archive Collected Data"),
    ("T1562", "Impair Defenses"),
    ("T1562.001", "Disable or Modify Tools"),
    ("T1562.004", "Disable or Modify System Firewall"),
    ("T1564", "Hide Artifacts"),
    ("T1564.001", "Hidden Files and Directories"),
    ("T1564.003", "Hidden Window"),
    ("T1565", "Data Manipulation"),
    ("T1567", "Exfiltration Over Web Service"),
    ("T1567.004", "Exfiltration Over Webhook"),
    ("T1571", "Non-Standard Port"),
    ("T1572", "Protocol Tunneling"),
    ("T1573", "Encrypted Channel"),
    ("T1574", "Hijack Execution Flow"),
    ("T1574.007", "Path Interception by PATH Environment Variable"),
    ("T1614", "System Location Discovery"),
    ("T1614.001", "System Language Discovery"),
    ("T1620", "Reflective Code Loading"),
    ("T1622", "Debugger Evasion"),
    ("T1657", "Financial Theft"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sub_technique_has_its_own_name_or_its_parents() {
        assert_eq!(attack_name("T1059.006"), Some("Python"));
        assert_eq!(attack_name("T1059.999"), Some("Command and Scripting Interpreter"));
        assert_eq!(attack_name("T0000"), None);
    }

    #[test]
    fn names_are_sorted_and_unique() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
