# .ci/image fills the folder that this is built in.
FROM scratch
ARG TARGETARCH
COPY ca-certificates.crt /etc/ssl/certs/
COPY $TARGETARCH/policysite /policysite
USER 65534:65534
WORKDIR /repository
ENTRYPOINT ["/policysite"]
