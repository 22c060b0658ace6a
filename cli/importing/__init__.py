"""Files of agencies and directives, entered through the gRPC APIs as any other client would.

Every row is told for: entered, there already, refused with the reason, or left out. Nothing is
invented and nothing is lost: the outcomes of a kind of row add up to what the file holds.
"""
