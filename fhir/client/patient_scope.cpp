#include "fhir/client/patient_scope.h"

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

bool may_search(std::string_view granted, std::string_view type) {
    while (!granted.empty()) {
        std::string_view word = take_word(granted);
        if (!word.starts_with("patient/") && !word.starts_with("user/")) continue;
        word.remove_prefix(word.find('/') + 1);
        const std::size_t dot = word.find('.');
        if (dot == std::string_view::npos) continue;
        const std::string_view of = word.substr(0, dot);
        if ((of == "*" || of == type) && searches(word.substr(dot + 1))) return true;
    }
    return false;
}

bool has_scope(std::string_view granted, std::string_view scope) {
    while (!granted.empty())
        if (take_word(granted) == scope) return true;
    return false;
}

}  // namespace consultd::fhir
