import subprocess, requests

def work():
    with open('/tmp/data.bin', 'wb') as out:
        out.write(requests.get('https://data.example/data.bin').content)
    subprocess.run(['jq', '.x', '/tmp/data.bin'])
