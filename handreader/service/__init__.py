"""The reader as a service that answers requests over HTTP.

limits   how much the service takes on, and for how long
intake   the pictures in a request, or why there are none
app      the answer to each path
watch    a log line for each request, and the metrics
readers  the processes that read, and the queue of pictures that wait for them
worker   the work of such a process, and its messages
server   the server around it all, from start to end
"""
