"""A trial on a Kubernetes cluster as a house of this command line: `dondoc connect`.

`release` is what kubectl tells, `forward` makes its services reachable, `people` are its users. Trials
alone: the administrator's password that a trial's Secret holds makes users and logs them in.
"""
