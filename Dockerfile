# The reader as a service: `docker build -t digits .`, then `docker run -p 8000:8000 digits`.
FROM python:3.13-slim
WORKDIR /digits
# What reading needs of requirements.txt, in its versions.
COPY requirements.txt requirements-serve.txt ./
RUN pip install --no-cache-dir --constraint requirements.txt --requirement requirements-serve.txt \
    numpy onnxruntime opencv-contrib-python-headless pillow tqdm
# The service's user can read these even if the checkout is private.
COPY --chmod=755 handreader handreader
# nobody
USER 65534
EXPOSE 8000
# Without a proxy: Docker may pass its client's proxy settings to containers.
HEALTHCHECK CMD ["python", "-c", "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:8000/ready')"]
CMD ["python", "-m", "handreader", "serve", "--host", "0.0.0.0"]
