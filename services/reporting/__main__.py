from services.kernel.runtime.main import run
from services.reporting.bootstrap import DEFINITION

run(DEFINITION)
