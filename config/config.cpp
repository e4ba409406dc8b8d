#include "config/config.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "config/directories.h"
#include "config/problem_order.h"
#include "config/schema_check.h"
#include "config/schema_text.h"
#include "config/sign_in_rules.h"
#include "fhir/base/secret.h"

namespace consultd::config {
namespace {

using fhir::Json;
using fhir::JsonMember;
using fhir::JsonView;

bool is_ip_address(const std::string& text) {
    in6_addr bytes;
    return ::inet_pton(AF_INET, text.c_str(), &bytes) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), &bytes) == 1;
}

// Turns the checked JSON into structs and collects what the schema cannot say.
class Reader {
public:
    Reader(std::string folder, std::vector<Problem>& problems)
        : folder_(std::move(folder)), problems_(problems) {}

    Config read(JsonView root) {
        Config config;
        config.folder = folder_;
        read_state(root["state"], config.state);
        config.audit = {text(root["audit"], "origin"), path(root["audit"], "keyFile")};
        read_listen(root["listen"], config.listen);
        config.portal = {text(root["portal"], "runBy"), text(root["portal"], "help")};
        for (const JsonMember& member : root["sources"].members())
            read_source(member.name(), member.value, config);
        for (const JsonMember& member : root["directories"].members())
            read_directory(member.name(), member.value, config);
        for (const JsonMember& member : root["destinations"].members())
            read_destination(member.name(), member.value, config);
        const JsonView knowledge = root["knowledge"];
        config.knowledge = {.plans = files(knowledge["plans"]),
                            .sensitivity = files(knowledge["sensitivity"]),
                            .specialties = files(knowledge["specialties"]),
                            .maps = files(knowledge["maps"]),
                            .quirks = files(knowledge["quirks"]),
                            .terminology = std::nullopt};
        if (const JsonView server = knowledge["terminology"]; server.is_object()) {
            const std::string where = "/knowledge/terminology";
            config.knowledge.terminology = {base_url(server, where),
                                            read_auth(server["auth"], where + "/auth"),
                                            read_tls(server["tls"], where + "/tls")};
        }
        if (const JsonView unspoken = root["consent"]["unspoken"]; unspoken.is_array()) {
            config.consent.unspoken.emplace();
            for (const JsonView one : unspoken.items())
                config.consent.unspoken->emplace_back(one.string());
        }
        const JsonView part2 = root["consent"]["part2"];
        config.consent.part2 = part2.is_null() || part2.is_true();
        if (const JsonView notice = root["consent"]["part2Notice"]; notice.is_string())
            config.consent.part2_notice = notice.string();
        read_limits(root["limits"], config.limits);
        return config;
    }

private:
    void add(std::string where, std::string what) {
        problems_.push_back({std::move(where), std::move(what)});
    }
    std::string absolute(std::string_view file) const {
        const std::filesystem::path given(file);
        return given.is_absolute()
                   ? given.lexically_normal().string()
                   : (std::filesystem::path(folder_) / given).lexically_normal().string();
    }
    static std::string text(JsonView object, std::string_view name) {
        return std::string(object[name].string());
    }
    std::string path(JsonView object, std::string_view name) const {
        const std::string_view file = object[name].string();
        return file.empty() ? std::string() : absolute(file);
    }
    std::vector<std::string> files(JsonView list) const {
        std::vector<std::string> out;
        // One that is none keeps its place: what is wrong with the others is told by theirs.
        for (const JsonView& item : list.items())
            out.push_back(item.string().empty() ? "" : absolute(item.string()));
        return out;
    }
    template <class T>
    static void number(JsonView object, std::string_view name, T& field) {
        if (const auto value = object[name].integer()) field = static_cast<T>(*value);
    }
    void duration(JsonView object, std::string_view name, const std::string& where,
                  Milliseconds least, Milliseconds most, std::string_view allowed,
                  Milliseconds& field) {
        if (!object.has(name)) return;
        const auto value = parse_duration(object[name].string());
        if (!value || *value < least || *value > most)
            add(where, "must be a duration from " + std::string(allowed));
        else
            field = *value;
    }
    template <class T>
    void size(JsonView object, std::string_view name, const std::string& where, T& field) {
        if (!object.has(name)) return;
        if (const auto value = parse_size(object[name].string()))
            field = *value;
        else
            add(where, "must be a size such as \"20MiB\"");
    }

    void read_state(JsonView json, State& state) {
        state.directory = path(json, "directory");
        if (json.has("database")) state.database = text(json, "database");
        state.key_file = path(json, "keyFile");
        duration(json, "keepRecords", "/state/keepRecords", std::chrono::seconds(1),
                 std::chrono::hours(24 * 3650), "1s to 3650d", state.keep_records);
        if (state.database.starts_with("postgresql:"))
            add("/state/database", "postgresql is not supported yet; use \"sqlite:FILE\"");
    }

    void read_listen(JsonView json, Listen& listen) {
        if (json.has("address")) listen.address = text(json, "address");
        number(json, "port", listen.port);
        listen.public_url = text(json, "publicUrl");
        listen.certificate_file = path(json["tls"], "certificateFile");
        listen.key_file = path(json["tls"], "keyFile");
        listen.client_ca_file = path(json["tls"], "clientCaFile");
        const bool loopback = listen.address == "::1" || listen.address.starts_with("127.");
        if (!is_ip_address(listen.address))
            add("/listen/address", "must be an IP address, such as \"127.0.0.1\"");
        else if (listen.certificate_file.empty() && !loopback)
            add("/listen/address", "must be a loopback address unless /listen/tls is set");
        std::size_t index = 0;
        for (const JsonView& item : json["operators"].items()) {
            const std::string where = "/listen/operators/" + std::to_string(index++);
            listen.operators.push_back(read_operator(item, where, listen));
        }
    }

    Operator read_operator(JsonView json, const std::string& where, const Listen& listen) {
        Operator entry{.name = text(json, "name"), .token_hash_file = path(json, "tokenHashFile")};
        for (const char c : json["certificateSha256"].string())
            if (c != ':') entry.certificate_sha256 += static_cast<char>(std::tolower(c));
        entry.certificate_subject = text(json, "certificateSubject");
        if (json.has("roles")) entry.roles.clear();
        for (const JsonView& role : json["roles"].items())
            entry.roles.push_back(role.string() == "transfers" ? Role::Transfers
                                  : role.string() == "audit"   ? Role::Audit
                                                               : Role::Operate);
        if (entry.roles.empty()) add(where + "/roles", "names no role");
        const bool has_certificate =
            !entry.certificate_sha256.empty() || !entry.certificate_subject.empty();
        if (!entry.token_hash_file.empty() && !std::filesystem::exists(entry.token_hash_file))
            add(where + "/tokenHashFile", "names a file that is not there");
        if (entry.token_hash_file.empty() && !has_certificate)
            add(where, "needs a tokenHashFile, a certificateSha256 or a certificateSubject");
        if (has_certificate && listen.client_ca_file.empty())
            add(where, "has a certificate, which needs /listen/tls/clientCaFile");
        for (const Operator& other : listen.operators)
            if (other.name == entry.name) add(where + "/name", "is another operator's already");
        return entry;
    }

    fhir::Url base_url(JsonView json, const std::string& where) {
        Result<fhir::Url> url = fhir::Url::parse(json["fhirBaseUrl"].string());
        if (!url) {
            add(where + "/fhirBaseUrl",
                "must be an absolute http or https URL without user, query and fragment");
            return {};
        }
        if (!url->is_https() && !url->is_loopback())
            add(where + "/fhirBaseUrl", "must be https, unless it is a loopback address");
        return *url;
    }

    Auth read_auth(JsonView json, const std::string& where) {
        Auth auth;
        const std::string_view type = json["type"].string();
        auth.client_id = text(json, "clientId");
        auth.registers = json["registration"].string() == "dynamic";
        auth.key_file = path(json, "keyFile");
        auth.client_secret_file = path(json, "clientSecretFile");
        if (json.has("algorithm")) auth.algorithm = text(json, "algorithm");
        auth.scope =
            json.has("scope") || type == "smart-patient" ? text(json, "scope") : "system/*.rs";
        auth.token_file = path(json, "tokenFile");
        auth.user = text(json, "user");
        auth.password_file = path(json, "passwordFile");
        const auto need = [&](std::string_view name, bool present) {
            if (!present)
                add(where + "/" + std::string(name),
                    "is missing; \"" + std::string(type) + "\" needs it");
        };
        if (type == "smart-backend") {
            auth.type = Auth::Type::SmartBackend;
            need("clientId", !auth.client_id.empty());
            need("keyFile", !auth.key_file.empty());
        } else if (type == "smart-patient") {
            auth.type = Auth::Type::SmartPatient;
        } else if (type == "bearer") {
            auth.type = Auth::Type::Bearer;
            need("tokenFile", !auth.token_file.empty());
        } else if (type == "basic") {
            auth.type = Auth::Type::Basic;
            need("user", !auth.user.empty());
            need("passwordFile", !auth.password_file.empty());
        }
        return auth;
    }

    Tls read_tls(JsonView json, const std::string& where) {
        Tls tls{path(json, "caFile"), path(json, "certificateFile"), path(json, "keyFile")};
        if (tls.certificate_file.empty() != tls.key_file.empty())
            add(where, "needs both certificateFile and keyFile, or neither");
        return tls;
    }

    static PullSearch read_search(JsonView json) {
        PullSearch search{.type = text(json, "type")};
        const std::string_view ask = json["ask"].string();
        if (ask == "patient") search.ask = PullSearch::Ask::Patient;
        if (ask == "values") search.ask = PullSearch::Ask::Values;
        if (ask == "never") search.ask = PullSearch::Ask::Never;
        for (const JsonView value : json["values"].items())
            search.values.emplace_back(value.string());
        return search;
    }

    void read_pull(JsonView json, const std::string& where, Pull& pull) {
        if (json["method"].string() == "search") pull.method = Pull::Method::Search;
        if (json["method"].string() == "everything") pull.method = Pull::Method::Everything;
        if (json["method"].string() == "bulk") pull.method = Pull::Method::Bulk;
        pull.group = json["group"].string();
        duration(json, "exportWithin", where + "/exportWithin", std::chrono::minutes(1),
                 std::chrono::hours(24 * 7), "1m to 7d", pull.export_within);
        number(json, "pageSize", pull.page_size);
        number(json, "parallel", pull.parallel);
        number(json, "maxPages", pull.pages_max);
        for (const JsonView origin : json["attachmentOrigins"].items())
            if (const auto url = fhir::Url::parse(origin.string());
                url && (url->is_https() || url->is_loopback()))
                pull.attachment_origins.push_back(*url);
            else
                add(where + "/attachmentOrigins", "must be https, or http on a loopback address");
        for (const JsonView search : json["searches"].items())
            pull.searches.push_back(read_search(search));
    }

    void read_source(std::string_view key, JsonView json, Config& config) {
        const std::string where = "/sources" + pointer_step(key);
        Source source;
        source.key = key;
        source.name = text(json, "name");
        source.fhir_base_url = base_url(json, where);
        for (const JsonView alias : json["fhirBaseAliases"].items())
            if (const auto url = fhir::Url::parse(alias.string()))
                source.fhir_base_aliases.push_back(*url);
            else
                add(where + "/fhirBaseAliases", "must be URLs");
        source.auth = read_auth(json["auth"], where + "/auth");
        source.tls = read_tls(json["tls"], where + "/tls");
        read_pull(json["pull"], where + "/pull", source.pull);
        config.sources.emplace(source.key, std::move(source));
    }

    void read_directory(std::string_view key, JsonView json, Config& config) {
        const std::string where = "/directories" + pointer_step(key);
        Directory directory{.key = std::string(key), .file = path(json, "file")};
        directory.takes_private = json["privateAddresses"].is_true();
        directory.auth = read_auth(json["auth"], where + "/auth");
        directory.tls = read_tls(json["tls"], where + "/tls");
        read_pull(json["pull"], where + "/pull", directory.pull);
        if (const Status read = read_brands(directory); !read && !directory.file.empty())
            add(where + "/file", directory.file + ": " + read.error().message());
        config.directories.emplace(directory.key, std::move(directory));
    }

    void read_destination(std::string_view key, JsonView json, Config& config) {
        const std::string where = "/destinations" + pointer_step(key);
        Destination destination;
        destination.key = key;
        destination.name = text(json, "name");
        destination.fhir_base_url = base_url(json, where);
        destination.auth = read_auth(json["auth"], where + "/auth");
        if (!json["auth"].has("scope")) destination.auth.scope = "system/*.cruds";
        destination.tls = read_tls(json["tls"], where + "/tls");
        if (json.has("organization"))
            destination.organization = OrganizationId{text(json["organization"], "system"),
                                                      text(json["organization"], "value")};
        const JsonView deliver = json["deliver"];
        read_method(deliver["method"].string(), where + "/deliver/method", destination.deliver);
        if (deliver.has("settle"))
            duration(deliver, "settle", where + "/deliver/settle", std::chrono::seconds(1),
                     std::chrono::hours(24), "1s to 24h", destination.deliver.settle.emplace());
        size(deliver, "maxBundle", where + "/deliver/maxBundle",
             destination.deliver.bundle_bytes_max);
        if (deliver["patient"].string() == "create")
            destination.deliver.patient = Deliver::Patient::Create;
        if (deliver["patient"].string() == "existing")
            destination.deliver.patient = Deliver::Patient::Existing;
        destination.deliver.delete_on_withdrawal = deliver["deleteOnWithdrawal"].is_true();
        for (const JsonView& system : deliver["strongIdentifiers"].items())
            destination.deliver.strong_identifiers.emplace(system.string());
        duration(json["follow"], "every", where + "/follow/every", std::chrono::seconds(1),
                 std::chrono::hours(24 * 7), "1s to 7d", destination.follow.every);
        duration(json["follow"], "for", where + "/follow/for", std::chrono::seconds(1),
                 std::chrono::hours(24 * 730), "1s to 730d", destination.follow.span);
        config.destinations.emplace(destination.key, std::move(destination));
    }

    void read_method(std::string_view name, const std::string& where, Deliver& deliver) {
        using enum Deliver::Method;
        if (name == "transaction")
            deliver.method = Transaction;
        else if (name == "split")
            deliver.method = Split;
        else if (name == "sequence")
            deliver.method = Sequence;
        else if (!name.empty() && name != "auto")
            add(where,
                "only \"auto\", \"transaction\", \"split\" and \"sequence\" are supported yet");
    }

    void read_limits(JsonView json, Limits& limits) {
        number(json, "transfers", limits.transfers);
        size(json, "record", "/limits/record", limits.record_bytes);
        size(json, "attachment", "/limits/attachment", limits.attachment_bytes);
        number(json, "resources", limits.resources);
        number(json, "jsonDepth", limits.json_depth);
        size(json, "memory", "/limits/memory", limits.memory_bytes);
    }

    std::string folder_;
    std::vector<Problem>& problems_;
};

std::size_t line_of(std::string_view text, std::size_t offset) {
    return static_cast<std::size_t>(std::count(
               text.begin(),
               text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size())), '\n')) +
           1;
}

}  // namespace

Result<Loaded> load(const std::string& file) {
    if (std::error_code error; !std::filesystem::exists(file, error))
        return Error(ErrorKind::NotFound, "there is no such configuration file");
    // A pipe or a device would be waited for without end.
    if (!std::filesystem::is_regular_file(file))
        return Error(ErrorKind::NotFound, "the configuration file is no regular file");
    std::ifstream in(file, std::ios::binary);
    if (!in) return Error(ErrorKind::NotFound, "the configuration file cannot be read");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    Loaded loaded;
    const Result<Json> json = Json::parse_relaxed(text, {.bytes_max = std::size_t{1} << 20});
    if (!json) {
        const auto offset = static_cast<std::size_t>(json.error().number("offset").value_or(0));
        loaded.problems.push_back({"/", "line " + std::to_string(line_of(text, offset)) + ": " +
                                            std::string(json.error().text().view())});
        return loaded;
    }
    const Result<Json> schema = Json::parse(std::string(schema_text));
    assert(schema.ok());
    loaded.problems = schema_check(*schema, *json);
    const std::string folder =
        std::filesystem::absolute(file).parent_path().lexically_normal().string();
    std::vector<Problem> more;
    loaded.readable = Reader(folder, more).read(*json);
    check_sign_in(loaded.readable, more);
    // What the schema has said of a place is not said again in other words.
    add_unsaid(loaded.problems, std::move(more));
    sort_by_place(*json, loaded.problems);
    if (loaded.problems.empty()) loaded.config = loaded.readable;
    return loaded;
}

}  // namespace consultd::config
