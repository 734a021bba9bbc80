# distinct-mock as a container: docker build -t distinct-mock . && docker run --rm -p 127.0.0.1:8080:8080 distinct-mock
FROM python:3.11-slim AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE openapi.yaml ./
COPY contracts contracts
COPY mock_server mock_server
COPY conformance conformance
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.11-slim
COPY requirements.lock /tmp/requirements.lock
RUN pip install --no-cache-dir --require-hashes -r /tmp/requirements.lock
COPY --from=build /wheels /tmp/wheels
RUN pip install --no-cache-dir --no-deps /tmp/wheels/*.whl
# /data is for a journal, a world, a spec: mount a volume there, and name the file with an option or its variable.
RUN useradd --uid 10001 --create-home fake && install -d -o fake /data
USER 10001
WORKDIR /data
EXPOSE 8080
# It asks the port that is exposed, over http: behind --tls-cert, --port or --no-control it needs another.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/_mock/health', timeout=2)"]
# The token of control API and page is DISTINCT_MOCK_CONTROL_TOKEN; without one, the greeting shows one that was made up.
ENTRYPOINT ["distinct-mock"]
CMD ["serve", "--host", "0.0.0.0"]
