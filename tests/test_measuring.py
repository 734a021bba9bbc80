"""What of the tests is measured for coverage."""

import subprocess
import sys

from coverage import Coverage

from tests.measuring import not_measuring

IS_MEASURED = "import sys; sys.exit('coverage' in sys.modules)"


def test_programs_are_not_measured_and_tests_are_again() -> None:
    before = sys.gettrace()
    with not_measuring():
        during = sys.gettrace()

    assert type(sys.gettrace()) is type(before)
    assert during is None or Coverage.current() is None
    assert subprocess.run([sys.executable, "-c", IS_MEASURED], check=False).returncode == 0
