from services.inspections.bootstrap import DEFINITION
from services.kernel.runtime.main import run

run(DEFINITION)
