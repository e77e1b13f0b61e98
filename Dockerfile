# syntax=docker/dockerfile:1

# Three stages: one that builds, one that starts the program once for what Node then keeps of it, and one
# without a shell that runs as nobody in particular (uid 65532). Nothing is written at run time, so the
# root file system can be read-only. Nothing in the bundle is made for one processor, so the same file
# builds for amd64 and arm64: PLATFORMS=linux/amd64,linux/arm64 make image.

ARG BUILD_IMAGE=node:24-slim
ARG RUN_IMAGE=gcr.io/distroless/nodejs24-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --include=dev --no-audit --no-fund
COPY . .
RUN node build.mjs && node build/sbom.mjs

# Node asks for the same version of itself, the same place and the same user.
FROM ${RUN_IMAGE} AS bake
WORKDIR /app
COPY --from=build /src/package.json ./
COPY --from=build --chown=65532:65532 /src/dist ./dist
COPY --from=build /src/build/bake.mjs /bake/
USER 65532:65532
RUN ["/nodejs/bin/node", "/bake/bake.mjs", "/app/dist/asteroid.js"]

FROM ${RUN_IMAGE}
ARG REVISION=unknown
ARG VERSION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="Asteroid" \
      org.opencontainers.image.description="An OpenID Connect issuer for people who already have a proxy that knows their users" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.revision="${REVISION}"
WORKDIR /app
COPY --from=build /src/package.json /src/LICENSE /src/sbom.cdx.json ./
COPY --from=build /src/dist ./dist
COPY --from=bake --chown=0:0 /app/dist/.compiled ./dist/.compiled
USER 65532:65532
ENV NODE_ENV=production
EXPOSE 8880 8881
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/nodejs/bin/node", "/app/dist/asteroid.js", "health"]
ENTRYPOINT ["/nodejs/bin/node", "/app/dist/asteroid.js"]
CMD ["serve", "--config", "/etc/asteroid/asteroid.yaml"]
