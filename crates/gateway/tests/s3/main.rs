//! S3 as its clients meet it: requests over a socket, and the statuses, codes and headers that AWS documents for them.

mod access;
mod audit;
mod background;
mod balancer_logs;
mod buckets;
mod configs;
mod flow_logs;
mod kms;
mod listing;
mod mfa;
mod multipart;
mod objects;
mod on_behalf;
mod permissions;
mod trails;
mod versions;
mod wires;
mod world;
