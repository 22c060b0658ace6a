from services.kernel.runtime.main import run
from services.tasks.bootstrap import DEFINITION

run(DEFINITION)
