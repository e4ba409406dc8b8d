// Addresses: which resource of the source a reference names, wherever it stands: on a server's
// page, or in one file of several. https://hl7.org/fhir/R4/references.html,
// https://hl7.org/fhir/R4/bundle.html#references
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir/json.h"
#include "fhir/url.h"

namespace consultd {

// "Type/id" when the reference is a literal one to this server: relative, or absolute at the base,
// with or without a version. http and https count as one, as
// https://hl7.org/fhir/R4/http.html#general says.
std::optional<std::string> key_at_base(const fhir::Url& base, std::string_view reference);

// How an absolute address is not the base's, for whoever must find out whether it is the source's
// all the same: "foreign-host", "other-port", "other-case" (of the path), "other-path". The
// configuration settles it: fhirBaseAliases.
StaticText how_foreign(const fhir::Url& base, std::string_view address);

class Addresses {
public:
    // The base of the server that the record is from.
    Addresses(fhir::Url base) : base_(std::move(base)) {}  // NOLINT: a base is the whole of it
    // Of files that do not say what server they are from.
    static Addresses of_no_server();

    const fhir::Url& base() const { return base_; }
    // What the server calls its base besides.
    void add_alias(fhir::Url alias) { aliases_.push_back(std::move(alias)); }
    // key_at_base of the base, by any of its names.
    std::optional<std::string> key_at_home(std::string_view reference) const;
    // A fullUrl of another server: what such an entry names, is named there.
    bool is_elsewhere(std::string_view full_url) const;
    // What a URN stands for. A URN is unique in its file: another file may use it for something
    // else.
    void add_urn(std::size_t file, std::string_view urn, const std::string& key);
    // "Type/id" of a reference that stands in that file; absent: none of the source's, or not one
    // thing.
    std::optional<std::string> key(std::string_view reference, std::size_t file = 0) const;

private:
    using Place = std::pair<std::size_t, std::string>;
    static constexpr std::size_t anywhere = static_cast<std::size_t>(-1);
    void add(Place place, const std::string& key);
    fhir::Url base_;
    std::vector<fhir::Url> aliases_;
    bool is_server_known_ = true;
    std::map<Place, std::string> urns_;  // an empty key: not one thing
};

// The text of each Reference.reference, wherever it stands. It looks at every object and not by the
// element table, because a reference where R4 has none must not hide another patient.
std::vector<std::string_view> literal_references(fhir::JsonView json);

}  // namespace consultd
