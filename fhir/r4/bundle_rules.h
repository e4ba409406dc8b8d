// bundle_rules: what R4 demands of a Bundle as a whole: its entries' identities, what each type of
// Bundle may hold, the form of a document, and where references inside lead
// (https://hl7.org/fhir/R4/bundle.html, bdl-1 to bdl-12; https://hl7.org/fhir/R4/documents.html).
// Knows entries by position; the content of their resources is the walk's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/r4/validate.h"

namespace consultd::fhir::r4 {

class BundleRules {
public:
    // `bundle` must outlive this. `path` names it in the findings.
    BundleRules(JsonView bundle, std::string path);

    bool empty() const { return entries_.empty(); }
    bool is_document() const { return type_ == "document"; }
    // The entry a literal reference leads to, by Bundle resolution
    // (https://hl7.org/fhir/R4/bundle.html#references), seen from the entry at `from`.
    std::optional<std::size_t> resolve(std::string_view reference, std::size_t from) const;
    std::string_view resource_type(std::size_t entry) const;
    // An entry refers to another: a document holds only what its Composition leads to.
    void link(std::size_t from, std::size_t to) { links_[from].push_back(to); }

    void check(std::vector<Finding>& findings) const;            // before the entries are walked
    void check_reachable(std::vector<Finding>& findings) const;  // after all links are known

private:
    void check_entry(std::size_t position, std::vector<Finding>& findings) const;
    void check_document(std::vector<Finding>& findings) const;
    std::string entry_path(std::size_t position) const;

    JsonView bundle_;
    std::string path_;
    std::string_view type_;
    std::vector<JsonView> entries_;
    std::map<std::string, std::size_t, std::less<>> by_full_url_;
    std::vector<std::vector<std::size_t>> links_;
};

}  // namespace consultd::fhir::r4
