# One image for workers, the server and every other command of gouji.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package needs its install script: sharp, PDFium and PGlite come built.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY scripts/build.mjs scripts/
COPY parsers parsers/
COPY src src/
COPY workers workers/
RUN node scripts/build.mjs && npm prune --omit=dev --ignore-scripts

FROM node:22-bookworm-slim
# tini is process 1: it passes signals on from the first moment, and buries what reader processes leave behind.
RUN apt-get update \
    && apt-get install -y --no-install-recommends tini tesseract-ocr tesseract-ocr-eng tesseract-ocr-chi-sim \
    && rm -rf /var/lib/apt/lists/* \
    && mkdir -p /data/blobs \
    && chown -R node:node /data
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=build /app/node_modules node_modules/
COPY --from=build /app/dist dist/
ENV NODE_ENV=production GOUJI_BLOBS=/data/blobs GOUJI_HTTP=0.0.0.0:8080
USER node
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--", "node", "/app/dist/src/cli/main.js"]
CMD ["worker"]
