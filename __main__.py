"""The Pulumi program of this project; the specs of a stack are its ``mailwright:specs``."""

from mailwright.deploy.program import main

main()
