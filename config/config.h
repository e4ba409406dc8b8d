// Config: what an operator may set, as plain structs. One JSON file (comments and trailing commas
// allowed), checked against consultd.schema.json; every problem is listed at once with its path.
// Relative paths in it are relative to its folder and come out of here absolute.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fhir/base/clock.h"
#include "fhir/base/result.h"
#include "fhir/url.h"
#include "fhir/user_access_brands.h"

namespace consultd::config {

struct Tls {
    std::string ca_file;           // PEM; empty: the system's trust store
    std::string certificate_file;  // PEM; empty: no client certificate
    std::string key_file;          // PEM, mode 0600; required with certificate_file
};

struct Auth {
    enum class Type { SmartBackend, SmartPatient, Bearer, Basic, None };
    Type type = Type::None;  // Required
    std::string client_id;   // smart-backend, smart-patient: Required, unless it registers
    // smart-patient: we register ourselves where the server lets apps do so (RFC 7591), and keep
    // what it gives, sealed in the state.
    bool registers = false;
    // smart-backend: Required. smart-patient: this, or a secret, or neither: a public client.
    std::string key_file;             // made by `keys generate`
    std::string client_secret_file;   // smart-patient; mode 0600
    std::string algorithm = "RS384";  // or ES384
    // smart-backend: default system/*.rs for a source. smart-patient: what is asked for of the
    // record; default all of it, as the server writes scopes.
    std::string scope;
    std::string token_file;     // bearer: Required, mode 0600
    std::string user;           // basic: Required
    std::string password_file;  // basic: Required, mode 0600
};

// How one type is asked for at one source, where its server is known better than the plan knows it.
struct PullSearch {
    // Plan: as the plan has it. Patient: by patient alone. Values: by the values, and not by
    // patient alone. Never: not at all, which is a gap.
    enum class Ask { Plan, Patient, Values, Never };
    std::string type;  // Required
    Ask ask = Ask::Plan;
    std::vector<std::string> values;  // beside those of the plan: "system|code"
};

struct Pull {
    enum class Method { Auto, Search, Everything, Bulk };
    Method method = Method::Auto;
    std::string group;  // Bulk: the id of a Group that the patient is in; empty: all patients
    // Bulk: from when it is asked for until it is ready; then the record is searched for. 1m..7d
    Milliseconds export_within = std::chrono::hours(12);
    std::uint32_t page_size = 200;   // _count; 1..1000
    std::uint32_t parallel = 6;      // requests at once, of all transfers together; 1..32
    std::uint32_t pages_max = 5000;  // of one search; 1..100000
    std::vector<PullSearch> searches;
    // Where attachments may lie beside the source itself ("https://store.example"): fetched without
    // a token.
    std::vector<fhir::Url> attachment_origins;
};

struct Source {
    std::string key;          // its name in the config
    std::string name;         // Required; for people
    fhir::Url fhir_base_url;  // Required; https, or http on a loopback address
    // What the server calls its base besides: as it stands in its fullUrls and references. Nothing
    // is sent there.
    std::vector<fhir::Url> fhir_base_aliases;
    Auth auth;  // Required
    Tls tls;
    Pull pull;
};

// Hospitals of a published list, a SMART User-Access Brands Bundle, all opened by their patients'
// own sign-in, in which we are known in the same way: usually those of one vendor.
struct Directory {
    std::string key;
    std::string file;            // Required
    bool takes_private = false;  // addresses of a network of one's own too
    Auth auth;                   // Required; smart-patient
    Tls tls;
    Pull pull;
    // What it lists; null: it could not be read.
    std::shared_ptr<const fhir::UserAccessBrands> brands;
    // Its endpoints by the key that each has as a source.
    std::shared_ptr<const std::map<std::string, std::uint32_t, std::less<>>> endpoints;
};

struct OrganizationId {
    std::string system;
    std::string value;
};

struct Deliver {
    // How the packet goes: Transaction: all at once; Split: as many transactions as its limits ask
    // for; Sequence: one resource after the other; Auto: the first of these that it can do.
    enum class Method { Auto, Transaction, Split, Sequence };
    // Existing: a certain match, else held. MatchOrCreate: a certain match; a new chart only where
    // nothing is similar, else held. Create: always a new chart.
    enum class Patient { Existing, MatchOrCreate, Create };
    Method method = Method::Auto;
    std::uint64_t bundle_bytes_max = 20u << 20;
    // How long a request may still be at work there, and its index lag: 1s..24h. Absent: 30s where
    // a second copy is seen to add nothing, else 10m.
    std::optional<Milliseconds> settle;
    Patient patient = Patient::MatchOrCreate;
    // Identifier systems whose numbers are one person's alone, beside those that say so by type.
    std::set<std::string, std::less<>> strong_identifiers;
    // After a withdrawal, what was delivered is deleted there, as far as it lets us; never a chart.
    bool delete_on_withdrawal = false;
};

struct Follow {
    Milliseconds every{std::chrono::minutes(15)};    // 10s..7d
    Milliseconds span{std::chrono::hours(24 * 90)};  // how long; 1m..2y
};

struct Destination {
    std::string key;
    std::string name;         // Required
    fhir::Url fhir_base_url;  // Required
    Auth auth;                // Required
    Tls tls;
    std::optional<OrganizationId> organization;  // who a Consent names as recipient
    Deliver deliver;
    Follow follow;
};

struct State {
    std::string directory;                        // Required; made with mode 0700
    std::string database = "sqlite:consultd.db";  // below directory; or postgresql://…
    std::string key_file;                         // Required; keys of 32 bytes as hex, one a line,
                                                  // the oldest first, the last one seals; mode 0600
    Milliseconds keep_records{
        std::chrono::hours(24 * 7)};  // sealed record bytes once it ended or is held
};

struct Audit {
    std::string origin;    // Required; the log's name, as in c2sp.org/tlog-checkpoint
    std::string key_file;  // Required; Ed25519, PKCS #8 PEM, mode 0600
};

// What an operator may do.
enum class Role {
    Operate,    // everything, with the transfers of all
    Transfers,  // order transfers; see and cancel those that they ordered themselves
    Audit,      // read the audit log
};

// One of a token and a certificate at least.
struct Operator {
    std::string name;
    std::string token_hash_file;  // lower-case hex SHA-256 of a token of at least 128 random bits
    // A client certificate, which must verify against `client_ca_file`: its fingerprint, 64
    // lower-case hex digits; or its subject as RFC 4514 writes it.
    std::string certificate_sha256 = {};
    std::string certificate_subject = {};
    std::vector<Role> roles = {Role::Operate};  // default: Operate
};

struct Listen {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8090;  // 0: any free one, told in the log
    std::string public_url;
    std::string certificate_file;  // without TLS: loopback only
    std::string key_file;
    std::string client_ca_file;
    std::vector<Operator> operators;
};

// A FHIR server that expands value sets. It is never asked with anything of a patient.
struct Terminology {
    fhir::Url fhir_base_url;  // Required
    Auth auth;                // Required
    Tls tls;
};

// What patients read of us, where a source is opened by their own sign-in.
struct Portal {
    std::string run_by;  // "Run by the Quillhaven Patient Office": who that is
    std::string help;    // a telephone number with its hours
};

// Files beside what is built in, each a path or a pattern of names in one folder ("maps/*.json"),
// absolute. What they hold: adapter/knowledge/.
struct Knowledge {
    std::vector<std::string> plans, sensitivity, specialties, maps, quirks;
    std::optional<Terminology> terminology;
};

struct Consent {
    // What is withheld unless a consent names it: labels of v3-ActCode, or topics of one:
    // "SEX.abortion". Default: adapter/knowledge/sensitivity.h.
    std::optional<std::vector<std::string>> unspoken;
    // Whether 42 CFR Part 2 holds here: what a programme for substance use made is then labelled
    // as under it. What its source labels so is in any case. Default: true.
    bool part2 = true;
    // The notice that goes with what is under it, as one line. Default: the short statement of
    // § 2.32 (a), adapter/knowledge/knowledge.h.
    std::optional<std::string> part2_notice = std::nullopt;
};

struct Limits {
    std::uint32_t transfers = 32;  // at once
    std::uint64_t record_bytes = std::uint64_t{2} << 30;
    std::uint64_t attachment_bytes = std::uint64_t{200} << 20;
    std::uint32_t resources = 200'000;
    std::uint32_t json_depth = 64;
    std::uint64_t memory_bytes = std::uint64_t{4} << 30;  // of one step of one transfer
};

struct Config {
    std::string folder;  // the config file's, absolute
    State state;
    Audit audit;
    Listen listen;
    Portal portal;
    std::map<std::string, Source> sources;
    std::map<std::string, Directory> directories;
    std::map<std::string, Destination> destinations;
    Knowledge knowledge;
    Consent consent;
    Limits limits;

    // Of `sources`, or what a directory lists under that key; absent: there is none.
    std::optional<Source> source(std::string_view key) const;
};

// One thing that is wrong: where ("/sources/general/fhirBaseUrl", a JSON Pointer) and what is
// allowed. For the operator's eyes on stderr; never logged.
struct Problem {
    std::string path;
    std::string text;
};

struct Loaded {
    std::optional<Config> config;   // absent when there is a problem
    std::vector<Problem> problems;  // in the order of the file
    Config readable;                // what could be read all the same: to look for more problems
};

// Adds those of `more` that lie neither at nor below a place of which something was said already.
void add_unsaid(std::vector<Problem>& problems, std::vector<Problem> more);

// Reads the file and everything it names that can be checked without a network. NotFound: no file.
Result<Loaded> load(const std::string& file);

// "30s", "15m", "2h", "90d"; "64KiB", "20MiB", "2GiB".
std::optional<Milliseconds> parse_duration(std::string_view text);
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace consultd::config
