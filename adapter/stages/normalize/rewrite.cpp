#include "adapter/stages/normalize/rewrite.h"

#include "adapter/stages/changes_between.h"
#include "fhir/r4/walk.h"
#include "fhir/reference.h"
#include "fhir/terminology/system_uris.h"

namespace consultd::normalizing {
namespace {

using fhir::Json;
using fhir::Reference;
using fhir::r4::Edit;
using fhir::r4::Visit;

bool is_uuid_urn(std::string_view text) {
    return text.starts_with("urn:uuid:") && text.size() == 45 &&
           text.find_first_not_of("0123456789abcdefABCDEF-", 9) == std::string_view::npos;
}

// What a gap may say of a reference: ids of other resources, never the patient's.
std::string gap_name(std::string_view text, const std::string& path) {
    const Reference reference = Reference::parse(text);
    if (reference.type == "Patient") return "Patient";
    if (!reference.type.empty()) return reference.key();
    if (const auto conditional = parse_conditional(text)) return conditional->type;
    return is_uuid_urn(text) ? std::string(text) : path;
}

class Rewriter final : public fhir::r4::Walker {
public:
    Rewriter(const Record& record, const RecordIndex& index, Systems& systems,
             const std::vector<Json>& full_urls, std::size_t position, ChangeList& changes,
             std::vector<Gap>& gaps)
        : record_(record),
          index_(index),
          systems_(systems),
          full_urls_(full_urls),
          position_(position),
          changes_(changes),
          gaps_(gaps),
          id_(full_urls[position].string().substr(std::string_view("urn:uuid:").size())) {}

    const Json& id() const { return id_; }
    Edit root_id(const Visit&) override { return Edit::replace(id_); }

    // A Bundle in the record (a document, say) is whole in itself: its references are its own.
    bool enter(const Visit& visit) override { return visit.type.name.view() != "Bundle"; }

    Edit reference(const Visit& visit) override {
        const std::string_view text = visit.value["reference"].string();
        if (text.empty() || text.starts_with('#')) return Edit::keep();
        const auto target = index_.find(text, position_);
        if (!target) return logical(visit, text);
        const Json& after = full_urls_[*target];
        add_gap_of_version(text, visit.path.text(), *target);
        note(visit.path.text() + ".reference", "reference.urn", visit.value.get("reference"),
             after);
        return Edit::replace(visit.value.with("reference", after));
    }

    Edit attachment(const Visit& visit) override {
        const std::string_view url = visit.value["url"].string();
        if (url.empty()) return Edit::keep();
        const auto target = index_.find_binary(url, position_);
        if (!target) return Edit::keep();
        const Json& after = full_urls_[*target];
        note(visit.path.text() + ".url", "reference.urn", visit.value.get("url"), after);
        return Edit::replace(visit.value.with("url", after));
    }

    Edit coding(const Visit& visit) override { return system(visit, Version::Kept); }
    Edit quantity(const Visit& visit) override { return system(visit, Version::None); }
    Edit identifier(const Visit& visit) override { return system(visit, Version::None); }

    // The XHTML without the target of links and images that lead inside; the rest byte for byte.
    Edit narrative(const Visit& visit) override {
        const std::string_view div = visit.value["div"].string();
        std::string without;
        std::size_t copied = 0;
        for (const LinkAttribute& link : find_links(div)) {
            if (!index_.find(link.target.substr(0, link.target.find('#')), position_)) continue;
            without += div.substr(copied, link.begin - copied);
            copied = link.end;
        }
        if (copied == 0) return Edit::keep();
        const Json after(without.append(div.substr(copied)));
        note(visit.path.text() + ".div", "narrative.link", visit.value.get("div"), after);
        return Edit::replace(visit.value.with("div", after));
    }

private:
    enum class Version { Kept, None };  // whether the type has an element `version`

    void note(const std::string& path, StaticText rule, const Json& before, const Json& after) {
        changes_.add(full_urls_[position_].string(), path, rule, before, after);
    }

    // A version that a reference asks for and that is not the one that is held.
    void add_gap_of_version(std::string_view text, const std::string& path, std::size_t target) {
        const std::string_view asked = Reference::parse(text).version;
        if (asked.empty() || record_.resources[target].resource.version_id() == asked) return;
        gaps_.push_back(
            {gap_name(text, path) + " version " + std::string(asked), "other-version-held"});
    }

    Edit system(const Visit& visit, Version version) {
        const auto& uri = systems_.canonical(visit.value["system"].string());
        if (!uri) return Edit::keep();
        // An edition has its place in `version`; where there is none, or another stands there, the
        // system stays what it was rather than lose it.
        if (!uri->version.empty() && (version == Version::None || visit.value.has("version")))
            return Edit::keep();
        const Json after(uri->uri);
        note(visit.path.text() + ".system", "system.canonical", visit.value.get("system"), after);
        Json value = visit.value.with("system", after);
        if (!uri->version.empty()) {
            note(visit.path.text() + ".version", "system.canonical", Json(), Json(uri->version));
            value = value.with("version", Json(uri->version));
        }
        return Edit::replace(value);
    }

    // A logical reference (https://hl7.org/fhir/R4/references.html#logical): says what is meant
    // without a link that leads nowhere.
    Edit logical(const Visit& visit, std::string_view text) {
        const std::string path = visit.path.text();
        const auto conditional = parse_conditional(text);
        const std::string_view type =
            conditional ? std::string_view(conditional->type) : Reference::parse(text).type;
        Json value = visit.value.without("reference");
        if (!type.empty() && !value.has("type")) value = value.with("type", Json(type));
        if (!value.has("identifier")) {
            const std::string absolute = index_.absolute(text, position_);
            if (conditional)
                value =
                    value.with("identifier", Json::object({{"system", Json(conditional->system)},
                                                           {"value", Json(conditional->value)}}));
            else if (!absolute.empty())
                value = value.with("identifier", Json::object({{"system", "urn:ietf:rfc:3986"},
                                                               {"value", Json(absolute)}}));
            else
                value = value.with(
                    "extension",
                    value.get("extension")
                        .appended(Json::object(
                            {{"url", "http://hl7.org/fhir/StructureDefinition/data-absent-reason"},
                             {"valueCode", "unknown"}})));
        }
        note(path, "reference.logical", visit.value, value);
        gaps_.push_back({gap_name(text, path), "referenced-not-found"});
        return Edit::replace(value);
    }

    const Record& record_;
    const RecordIndex& index_;
    Systems& systems_;
    const std::vector<Json>& full_urls_;
    std::size_t position_;
    ChangeList& changes_;
    std::vector<Gap>& gaps_;
    const Json id_;
};

}  // namespace

const std::optional<fhir::SystemUri>& Systems::canonical(std::string_view system) {
    auto found = known_.find(system);
    if (found == known_.end()) found = known_.emplace(system, fhir::canonical_system(system)).first;
    return found->second;
}

Rewritten rewrite(const Record& record, const RecordIndex& index, Systems& systems,
                  const std::vector<Json>& full_urls, std::size_t position, ChangeList& changes) {
    Rewritten out;
    const fhir::Resource& resource = record.resources[position].resource;
    const std::string_view full_url = full_urls[position].string();
    if (const Json& came = record.resources[position].as_it_came; !came.is_null())
        add_changes_between(full_url, "form.shape", came, resource.json(), changes);
    Rewriter rewriter(record, index, systems, full_urls, position, changes, out.gaps);
    out.json = fhir::r4::walk(resource.json(), rewriter);
    changes.add(full_url, std::string(resource.type()) + ".id", "id.uuid",
                resource.json().get("id"), rewriter.id());
    if (out.json["id"].string() != rewriter.id().string())  // it had none, or was not entered
        out.json = out.json.with("id", rewriter.id());
    return out;
}

}  // namespace consultd::normalizing
