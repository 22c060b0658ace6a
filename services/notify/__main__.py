from services.kernel.runtime.main import run
from services.notify.bootstrap import DEFINITION

run(DEFINITION)
