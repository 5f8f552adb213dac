"""What the tests rely on: a server that is told a port has it for itself."""

import subprocess
import sys

_ASKS = "from tests.ports import free_port\nprint(*(free_port() for _n in range(300)), flush=True)\ninput()"


def test_two_processes_are_never_told_the_same_port():
    asking = [
        subprocess.Popen([sys.executable, "-c", _ASKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _process in range(4)
    ]
    told = [word for process in asking for word in process.stdout.readline().split()]
    for process in asking:
        process.communicate(b"\n")
    assert (len(told), len(set(told))) == (1200, 1200)
