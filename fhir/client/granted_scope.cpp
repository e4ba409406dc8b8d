#include "fhir/client/granted_scope.h"

#include <algorithm>

namespace consultd::fhir {
namespace {

// Takes the next word from the front; empty at the end.
std::string_view take_word(std::string_view& text) {
    const std::size_t from = text.find_first_not_of(' ');
    if (from == std::string_view::npos) return text = {};
    const std::size_t end = std::min(text.find(' ', from), text.size());
    const std::string_view word = text.substr(from, end - from);
    text.remove_prefix(end);
    return word;
}

// "read", "*" of version 1; "rs", "cruds" of version 2.
bool searches(std::string_view rights) {
    if (rights == "read" || rights == "*") return true;
    return rights.find_first_not_of("cruds") == std::string_view::npos &&
           rights.find('s') != std::string_view::npos;
}

// "patient/Observation.rs" → {"Observation", "rs"}; the type is empty where it is none of these.
struct DataScope {
    std::string_view type, rights;
};
DataScope data_scope(std::string_view word, Level level) {
    const std::string_view of = word.substr(0, word.find('/'));
    const bool is_person = of == "patient" || of == "user";
    if (!is_person && (level == Level::Person || of != "system")) return {};
    word.remove_prefix(std::min(of.size() + 1, word.size()));
    const std::size_t dot = word.find('.');
    if (dot == std::string_view::npos) return {};
    return {word.substr(0, dot), word.substr(dot + 1)};
}

}  // namespace

std::string sign_in_scope(const SmartConfiguration& server, const std::string& data) {
    const bool is_old = server.can("permission-v1") && !server.can("permission-v2");
    std::string scope = "launch/patient ";
    scope += !data.empty() ? data : is_old ? "patient/*.read" : "patient/*.rs";
    if (server.can("sso-openid-connect")) scope += " openid fhirUser";
    if (server.can("permission-offline") || server.scopes.contains("offline_access"))
        scope += " offline_access";
    return scope;
}

bool may_search(std::string_view granted, std::string_view type, Level level) {
    while (!granted.empty()) {
        const DataScope scope = data_scope(take_word(granted), level);
        if ((scope.type == "*" || scope.type == type) && searches(scope.rights)) return true;
    }
    return false;
}

bool names_resources(std::string_view scope) {
    while (!scope.empty())
        if (!data_scope(take_word(scope), Level::Any).type.empty()) return true;
    return false;
}

bool has_scope(std::string_view granted, std::string_view scope) {
    while (!granted.empty())
        if (take_word(granted) == scope) return true;
    return false;
}

}  // namespace consultd::fhir
