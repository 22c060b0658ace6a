from services.directives.bootstrap import DEFINITION
from services.kernel.runtime.main import run

run(DEFINITION)
