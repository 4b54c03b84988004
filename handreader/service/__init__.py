"""The reader as a service: what stands between a request and its answer.

limits       how much it takes on, and for how long
connections  a client that says nothing is left, one that speaks no HTTP is told
intake       the pictures in a request, or why there are none
app          what each path answers
watch        a line of log for each request, and its numbers
messages     what passes between the service and the processes that read
readers      these processes, and the line of pictures that wait for them
reading      what such a process does
"""
