#include "fhir/r4/bundle_rules.h"

#include <set>
#include <utility>

#include "fhir/reference.h"

namespace consultd::fhir::r4 {
namespace {

void error(std::vector<Finding>& findings, std::string path, StaticText text) {
    findings.push_back({Finding::Severity::Error, std::move(path), text});
}

bool is_one_of(std::string_view value, std::initializer_list<std::string_view> values) {
    for (const std::string_view candidate : values)
        if (candidate == value) return true;
    return false;
}

}  // namespace

BundleRules::BundleRules(JsonView bundle, std::string path)
    : bundle_(bundle), path_(std::move(path)), type_(bundle["type"].string()) {
    for (const JsonView entry : bundle["entry"].items()) {
        const std::string_view full_url = entry["fullUrl"].string();
        if (!full_url.empty()) by_full_url_.emplace(full_url, entries_.size());
        entries_.push_back(entry);
    }
    links_.resize(entries_.size());
}

std::string BundleRules::entry_path(std::size_t position) const {
    return path_ + ".entry[" + std::to_string(position) + "]";
}

std::string_view BundleRules::resource_type(std::size_t entry) const {
    return entries_[entry].at("resource", "resourceType").string();
}

std::optional<std::size_t> BundleRules::resolve(std::string_view text, std::size_t from) const {
    const Reference reference = Reference::parse(text);
    std::string wanted(text);
    if (reference.form == Reference::Form::Relative) {
        const Reference own = Reference::parse(entries_[from]["fullUrl"].string());
        if (own.form != Reference::Form::Absolute) return std::nullopt;
        wanted = std::string(own.base) + "/" + reference.key();
    } else if (reference.form == Reference::Form::Absolute) {
        wanted = std::string(reference.base) + "/" + reference.key();
    }
    auto found = by_full_url_.find(wanted);
    if (found == by_full_url_.end()) found = by_full_url_.find(text);
    if (found == by_full_url_.end()) return std::nullopt;
    return found->second;
}

void BundleRules::check(std::vector<Finding>& findings) const {
    std::set<std::pair<std::string_view, std::string_view>> seen;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        check_entry(i, findings);
        const std::string_view full_url = entries_[i]["fullUrl"].string();
        const std::string_view version = entries_[i]["resource"].at("meta", "versionId").string();
        if (!full_url.empty() && type_ != "history" && !seen.emplace(full_url, version).second)
            error(findings, entry_path(i) + ".fullUrl", "bdl-7: the same fullUrl twice");
    }
    if (!bundle_["total"].is_null() && !is_one_of(type_, {"searchset", "history"}))
        error(findings, path_ + ".total", "bdl-1: only a searchset or history has a total");
    if (type_ == "message" && (entries_.empty() || resource_type(0) != "MessageHeader"))
        error(findings, path_ + ".entry",
              "bdl-12: the first entry of a message is its MessageHeader");
    if (is_document()) check_document(findings);
}

void BundleRules::check_entry(std::size_t position, std::vector<Finding>& findings) const {
    const JsonView entry = entries_[position];
    const std::string path = entry_path(position);
    const bool asks = is_one_of(type_, {"batch", "transaction", "history"});
    const bool answers = is_one_of(type_, {"batch-response", "transaction-response", "history"});
    if (entry.has("search") && type_ != "searchset")
        error(findings, path + ".search", "bdl-2: only a searchset has entry.search");
    if (entry.has("request") != asks)
        error(findings, path + ".request",
              "bdl-3: request in a batch, transaction or history, and nowhere else");
    if (entry.has("response") != answers)
        error(findings, path + ".response", "bdl-4: response in an answer, and nowhere else");
    if (!entry.has("resource") && !entry.has("request") && !entry.has("response"))
        error(findings, path, "bdl-5: neither resource nor request nor response");
    const Reference full_url = Reference::parse(entry["fullUrl"].string());
    if (!full_url.version.empty())
        error(findings, path + ".fullUrl", "bdl-8: a fullUrl has no version");
    const std::string_view id = entry.at("resource", "id").string();
    if (full_url.form == Reference::Form::Absolute && !id.empty() && entry.has("resource") &&
        (full_url.id != id || full_url.type != resource_type(position)))
        error(findings, path + ".fullUrl", "the fullUrl names another resource than the entry's");
}

void BundleRules::check_document(std::vector<Finding>& findings) const {
    const JsonView identifier = bundle_["identifier"];
    if (identifier["system"].string().empty() || identifier["value"].string().empty())
        error(findings, path_ + ".identifier",
              "bdl-9: a document has an identifier with system and value");
    if (bundle_["timestamp"].string().empty())
        error(findings, path_ + ".timestamp", "bdl-10: a document has a timestamp");
    if (entries_.empty() || resource_type(0) != "Composition")
        error(findings, path_ + ".entry",
              "bdl-11: the first entry of a document is its Composition");
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (entries_[i]["fullUrl"].string().empty())
            error(findings, entry_path(i), "an entry of a document has a fullUrl");
        if (!entries_[i].has("resource"))
            error(findings, entry_path(i), "an entry of a document has a resource");
    }
}

// Also allowed is a Provenance about something that is reached, with what it refers to.
void BundleRules::check_reachable(std::vector<Finding>& findings) const {
    if (!is_document() || entries_.empty()) return;
    std::vector<bool> reached(entries_.size(), false);
    std::vector<std::size_t> open{0};
    reached[0] = true;
    const auto go_on = [&] {
        while (!open.empty()) {
            const std::size_t from = open.back();
            open.pop_back();
            for (const std::size_t to : links_[from]) {
                if (reached[to]) continue;
                reached[to] = true;
                open.push_back(to);
            }
        }
    };
    go_on();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (reached[i] || resource_type(i) != "Provenance") continue;
        for (const std::size_t target : links_[i])
            if (reached[target] && !reached[i]) reached[i] = true, open.push_back(i);
    }
    go_on();
    for (std::size_t i = 0; i < entries_.size(); ++i)
        if (!reached[i] && resource_type(i) != "Binary")
            error(findings, entry_path(i), "the Composition does not lead to this entry");
}

}  // namespace consultd::fhir::r4
