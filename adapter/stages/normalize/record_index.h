// record_index: where a literal reference inside a record leads, by every name that a resource of
// it has (https://hl7.org/fhir/R4/references.html, https://hl7.org/fhir/R4/bundle.html#references).
// Knows positions in `Record::resources`; changes nothing.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapter/stages/record.h"

namespace consultd::normalizing {

// "Practitioner?identifier=system|value", as transactions may have it
// (https://hl7.org/fhir/R4/http.html#trules).
struct ConditionalReference {
    std::string type;
    std::string system;  // canonical
    std::string value;
};
std::optional<ConditionalReference> parse_conditional(std::string_view text);

class RecordIndex {
public:
    explicit RecordIndex(const Record& record);  // which must outlive this

    // The resource that `reference` leads to when it stands in the resource at `from`. Absent:
    // none, or more than one has that name.
    std::optional<std::size_t> find(std::string_view reference, std::size_t from) const;
    // The Binary that an Attachment's url in the resource at `from` leads to.
    std::optional<std::size_t> find_binary(std::string_view url, std::size_t from) const;
    // `reference` as an absolute URL or URN; empty where the record does not say where it is from.
    std::string absolute(std::string_view reference, std::size_t from) const;

private:
    using Names = std::unordered_map<std::string_view, std::size_t>;
    static constexpr std::size_t ambiguous = static_cast<std::size_t>(-1);
    static void add(Names& names, std::string_view name, std::size_t position);
    static std::optional<std::size_t> look_up(const Names& names, std::string_view name);
    std::string_view keep(std::string name);
    // Of its URL at the source; may be empty.
    std::string_view base_of(std::size_t position) const { return bases_[position]; }
    void add_identifiers() const;

    const Record& record_;
    std::string base_url_;  // without a slash at its end
    std::vector<std::string_view> bases_;
    Names by_url_;
    Names by_key_;                          // Type/id
    mutable std::deque<std::string> made_;  // names that the record does not hold as they are
    // Type?system|value. Few records have references that need them: made when the first is met.
    mutable std::optional<Names> by_identifier_;
};

}  // namespace consultd::normalizing
