"""The reader as a service that answers requests over HTTP.

limits       how much the service takes on, and for how long
connections  time limits for silent clients, and an answer to what is not HTTP
intake       the pictures in a request, or why there are none
app          the answer to each path
watch        a log line for each request, and the metrics
messages     the messages between the service and the processes that read
readers      these processes, and the queue of pictures that wait for them
worker       the work of such a process
server       the server around it all, from start to end
"""
