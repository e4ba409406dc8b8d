// The published schema and the loader agree: each property the schema knows changes what is loaded.
#include <gmock/gmock.h>

#include <functional>
#include <set>
#include <span>
#include <sstream>

#include "config/schema_check.h"
#include "config/schema_text.h"
#include "config_folder.h"

namespace consultd::config {
namespace {

using fhir::Json;
using fhir::JsonView;

// Every property once, with a value that is not the one `another` makes.
const std::string everything = R"({
  "$schema": "./consultd.schema.json",
  "state": {"directory": "d", "database": "sqlite:x.db", "keyFile": "s.key", "keepRecords": "5d"},
  "audit": {"origin": "o", "keyFile": "a.key"},
  "listen": {"address": "127.0.0.2", "port": 9000, "publicUrl": "https://c.example",
    "tls": {"certificateFile": "c", "keyFile": "k", "clientCaFile": "a"},
    "operators": [{"name": "n", "tokenHashFile": "hash", "roles": ["audit"],
      "certificateSubject": "CN=n", "certificateSha256":
      "0000000000000000000000000000000000000000000000000000000000000000"}]},
  "portal": {"runBy": "r", "help": "h"},
  "sources": {"s": {"name": "S", "fhirBaseUrl": "https://s.example/r4",
    "fhirBaseAliases": ["http://inside.example/r4"],
    "auth": {"type": "smart-backend", "clientId": "i", "registration": "manual", "keyFile": "k", "algorithm": "RS384",
      "scope": "c", "tokenFile": "t", "user": "u", "passwordFile": "p",
      "clientSecretFile": "x"},
    "tls": {"caFile": "a", "certificateFile": "c", "keyFile": "k"},
    "pull": {"method": "search", "group": "g", "exportWithin": "3h", "pageSize": 50, "parallel": 3, "maxPages": 9,
      "attachmentOrigins": ["https://store.example"],
      "searches": [{"type": "Observation", "ask": "values", "values": ["urn:s|c"]}]}}},
  "directories": {"l": {"file": "list", "privateAddresses": true,
    "auth": {"type": "smart-patient", "clientId": "i"},
    "tls": {"caFile": "a", "certificateFile": "c", "keyFile": "k"},
    "pull": {"method": "search", "group": "g", "exportWithin": "3h", "pageSize": 50, "parallel": 3, "maxPages": 9,
      "attachmentOrigins": ["https://store.example"],
      "searches": [{"type": "Observation", "ask": "values", "values": ["urn:s|c"]}]}}},
  "destinations": {"d": {"name": "D", "fhirBaseUrl": "https://d.example/r4",
    "auth": {"type": "smart-backend", "clientId": "i", "registration": "manual", "keyFile": "k", "algorithm": "RS384",
      "scope": "c", "tokenFile": "t", "user": "u", "passwordFile": "p",
      "clientSecretFile": "x"},
    "tls": {"caFile": "a", "certificateFile": "c", "keyFile": "k"},
    "organization": {"system": "y", "value": "v"},
    "deliver": {"method": "split", "maxBundle": "5MiB", "settle": "5m", "patient": "match-or-create",
      "strongIdentifiers": ["urn:n"],
      "deleteOnWithdrawal": true},
    "follow": {"every": "5m", "for": "5d"}}},
  "knowledge": {"plans": ["p.json"], "sensitivity": ["s.json"], "specialties": ["c.json"],
    "maps": ["m.json"], "quirks": ["q.json"],
    "terminology": {"fhirBaseUrl": "https://tx.example.org/r4",
      "auth": {"type": "smart-backend", "clientId": "i", "registration": "manual", "keyFile": "k", "algorithm": "RS384",
        "scope": "c", "tokenFile": "t", "user": "u", "passwordFile": "p",
      "clientSecretFile": "x"},
      "tls": {"caFile": "a", "certificateFile": "c", "keyFile": "k"}}},
  "consent": {"unspoken": ["HIV"], "part2": false, "part2Notice": "This is a notice of the law."},
  "limits": {"transfers": 3, "record": "5MiB", "attachment": "5MiB", "resources": 9, "jsonDepth": 30,
    "memory": "5MiB"}
})";

std::string describe(const Auth& auth) {
    std::ostringstream out;
    out << int(auth.type) << '|' << auth.client_id << '|' << auth.key_file << '|' << auth.algorithm
        << '|' << auth.scope << '|' << auth.token_file << '|' << auth.user << '|'
        << auth.password_file << '|' << auth.client_secret_file << '|' << auth.registers << '|';
    return out.str();
}
std::string describe(const Tls& tls) {
    return tls.ca_file + '|' + tls.certificate_file + '|' + tls.key_file + '|';
}
std::string describe(const Pull& pull) {
    std::ostringstream out;
    out << int(pull.method) << '|' << pull.group << '|' << pull.export_within.count() << '|'
        << pull.page_size << '|' << pull.parallel << '|' << pull.pages_max;
    for (const fhir::Url& origin : pull.attachment_origins) out << '|' << origin.text();
    for (const PullSearch& search : pull.searches) {
        out << '|' << search.type << '|' << int(search.ask);
        for (const std::string& value : search.values) out << '|' << value;
    }
    return out.str();
}
std::string describe(const Config& config) {
    std::ostringstream out;
    out << config.state.directory << '|' << config.state.database << '|' << config.state.key_file
        << '|' << config.state.keep_records.count() << '|' << config.audit.origin << '|'
        << config.audit.key_file << '|' << config.listen.address << '|' << config.listen.port << '|'
        << config.listen.public_url << '|' << config.listen.certificate_file << '|'
        << config.listen.key_file << '|' << config.listen.client_ca_file << '|';
    for (const Operator& entry : config.listen.operators)
        out << entry.name << '|' << entry.token_hash_file << '|' << int(entry.roles.at(0)) << '|'
            << entry.certificate_sha256 << '|' << entry.certificate_subject << '|';
    out << config.portal.run_by << '|' << config.portal.help << '|';
    for (const auto& [key, source] : config.sources) {
        out << key << source.key << source.name << '|' << source.fhir_base_url.text() << '|'
            << describe(source.auth) << describe(source.tls) << describe(source.pull);
        for (const fhir::Url& alias : source.fhir_base_aliases) out << '|' << alias.text();
    }
    for (const auto& [key, list] : config.directories)
        out << key << list.key << list.file << list.takes_private << '|' << describe(list.auth)
            << describe(list.tls) << describe(list.pull);
    for (const auto& [key, there] : config.destinations)
        out << key << there.key << there.name << '|' << there.fhir_base_url.text() << '|'
            << describe(there.auth) << describe(there.tls) << there.organization.value().system
            << '|' << there.organization.value().value << '|' << int(there.deliver.method) << '|'
            << there.deliver.bundle_bytes_max << '|' << there.deliver.delete_on_withdrawal << '|'
            << there.deliver.settle.value_or(Milliseconds(0)).count() << '|'
            << int(there.deliver.patient) << '|'
            << (there.deliver.strong_identifiers.empty()
                    ? ""
                    : *there.deliver.strong_identifiers.begin())
            << '|' << there.follow.every.count() << '|' << there.follow.span.count() << '|';
    for (const auto* files :
         {&config.knowledge.plans, &config.knowledge.sensitivity, &config.knowledge.specialties,
          &config.knowledge.maps, &config.knowledge.quirks}) {
        for (const std::string& file : *files) out << file << '|';
        out << '|';
    }
    const Terminology& terms = config.knowledge.terminology.value();
    out << terms.fhir_base_url.text() << '|' << describe(terms.auth) << describe(terms.tls);
    for (const std::string& what : config.consent.unspoken.value()) out << what << '|';
    out << config.consent.part2 << config.consent.part2_notice.value_or("") << '|';
    out << config.limits.transfers << '|' << config.limits.record_bytes << '|'
        << config.limits.attachment_bytes << '|' << config.limits.resources << '|'
        << config.limits.json_depth << "|" << config.limits.memory_bytes;
    return out.str();
}

Json schema() { return Json::parse(std::string(schema_text)).value(); }

// A value that the schema allows and that stands nowhere in `everything`.
Json another(JsonView property, JsonView now) {
    std::string_view kind = property["$ref"].string();
    if (kind.ends_with("duration")) return "77m";
    if (kind.ends_with("size")) return "7MiB";
    if (kind.ends_with("url")) return "https://another.example/r4";
    if (property["type"].string() == "boolean") return Json(!now.is_true());
    for (const JsonView& item : property["enum"].items())
        if (item.string() != now.string()) return item.string();
    if (property["pattern"].string() == "^[A-Z][A-Za-z]+$") return "Condition";
    if (property["type"].string() == "integer")
        return Json(property["minimum"].integer().value() + 1);
    if (property["pattern"].string().find("sqlite") != std::string_view::npos)
        return "sqlite:another.db";
    if (property["pattern"].string().find("{64}") != std::string_view::npos)
        return std::string(64, 'f');
    return "another";
}

// `value` with what stands at `steps` replaced.
Json replaced(const Json& value, std::span<const std::string> steps, const Json& by) {
    if (steps.empty()) return by;
    if (!value.is_array())
        return value.with(steps[0], replaced(value.get(steps[0]), steps.subspan(1), by));
    return Json::array({replaced(value.share(value.items()[0]), steps.subspan(1), by)});
}

using Visit = std::function<void(const std::vector<std::string>&, JsonView)>;

// Calls `visit` with the path of each property that has a value of its own; "*": by `names`.
void leaves(JsonView root, JsonView property, JsonView sample, std::vector<std::string> path,
            const Visit& visit) {
    const std::string_view reference = property["$ref"].string();
    const JsonView whole_property =
        reference.empty() ? property : root["$defs"][reference.substr(8)];
    if (whole_property["type"].string() == "array") {
        path.push_back("0");
        ASSERT_EQ(sample.size(), 1u);
        return leaves(root, whole_property["items"], sample.items()[0], path, visit);
    }
    if (whole_property["type"].string() != "object") return visit(path, property);
    // Of one kind alone, with less than all has: tests/config/directories_test.cpp.
    if (path.size() == 3 && path[0] == "directories" && path[2] == "auth") return;
    for (const fhir::JsonMember& member : whole_property["properties"].members()) {
        std::vector<std::string> below = path;
        below.emplace_back(member.name());
        EXPECT_TRUE(sample.has(member.name())) << ::testing::PrintToString(below);
        leaves(root, member.value, sample[member.name()], below, visit);
    }
    if (!whole_property["additionalProperties"].is_object()) return;
    const fhir::JsonMember& only = sample.members()[0];
    path.emplace_back(only.name());
    leaves(root, whole_property["additionalProperties"], only.value, path, visit);
}

class SchemaTest : public ConfigTest {
protected:
    SchemaTest() {
        write("hash", "");
        for (const char* list : {"list", "another"})
            write(list, R"({"resourceType": "Bundle", "type": "collection"})");
    }
    std::string loaded_as(const Json& json) {
        const Loaded loaded = load_text(json.print());
        for (const Problem& problem : loaded.problems)
            ADD_FAILURE() << problem.path << " " << problem.text;
        return loaded.config ? describe(*loaded.config) : "";
    }
};

TEST_F(SchemaTest, EachPropertyOfTheSchemaChangesWhatIsLoaded) {
    const Json all = Json::parse(everything).value();
    const std::string usual = loaded_as(all);
    std::size_t properties = 0;
    leaves(schema(), schema(), all, {},
           [&](const std::vector<std::string>& path, JsonView property) {
               // For editors alone; and the only method there is so far.
               if (path[0] == "$schema" ||
                   (path.size() > 3 && path[2] == "deliver" && path[3] == "method"))
                   return;
               JsonView now = all;
               for (const std::string& step : path)
                   now = now.is_array() ? now.items()[0] : now[step];
               // The address stays an IP address.
               const Json next = path.back() == "address" ? Json("127.0.0.9")
                                 : path.back() == "type" && path[path.size() - 2] == "auth"
                                     ? Json("none")
                                     : another(property, now);
               EXPECT_NE(loaded_as(replaced(all, path, next)), usual)
                   << ::testing::PrintToString(path);
               ++properties;
           });
    EXPECT_GE(properties, 64u);
}

TEST_F(SchemaTest, DefinitionsUseOnlyKeywordsThatAreChecked) {
    const std::set<std::string_view> known{
        "$schema",  "$id",        "title",       "type",    "additionalProperties",
        "required", "properties", "description", "$ref",    "enum",
        "pattern",  "minLength",  "maxLength",   "minimum", "maximum",
        "items",    "$defs"};
    const std::function<void(JsonView)> check = [&](JsonView node) {
        for (const fhir::JsonMember& member : node.members()) {
            EXPECT_TRUE(known.contains(member.name())) << member.name();
            if (member.name() == "properties" || member.name() == "$defs")
                for (const fhir::JsonMember& each : member.value.members()) check(each.value);
            else if (member.value.is_object())
                check(member.value);
        }
    };
    check(schema());
}

}  // namespace
}  // namespace consultd::config
