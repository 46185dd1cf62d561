"""Modal's control plane on this machine: real clients talk to it, and real function bodies run.

It is made of what the client asks for, one module for each kind of thing. Containers are processes
in namespaces of their own, with the files that were mounted and the volumes at their paths.
"""
