# The server as one image: instances, migration and commands all run from it.
FROM python:3.11-slim AS packages
WORKDIR /build
COPY requirements.lock .
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data BIND=0.0.0.0 PORT=8000
RUN useradd --system --uid 10001 --home-dir /app quiz && mkdir /data && chown quiz /data
WORKDIR /app
COPY --from=packages /venv /venv
COPY . .
USER quiz
# The hashed static files and the compiled catalogues are part of the image; nothing else is kept in /data.
RUN DATABASE_URL= REDIS_URL= SECRET_KEY=for-collecting-files-only-and-never-to-serve-anybody-0123456789 \
    sh -c "python manage.py collectstatic --noinput --verbosity 0 && python manage.py catalogs --compile"
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=2)"]
# The shell form would put a shell between the signal and the drain.
CMD ["python", "manage.py", "serve"]
