#include "adapter/opinion.h"

#include "adapter/opinion_standing.h"
#include "fhir/base/crypto.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

fhir::JsonLimits limits() {
    fhir::JsonLimits limits;
    limits.bytes_max = std::size_t{1} << 30;
    return limits;
}

// What is compared: not the Task's own dates and versions.
std::string content_of(JsonView task, JsonView resources) {
    return task["output"].print() + task["contained"].print() + resources.print();
}

std::string title_of(JsonView resource) {
    for (const char* name : {"title", "description"})
        if (const std::string_view text = resource[name].string(); !text.empty())
            return std::string(text);
    for (const char* name : {"type", "code"}) {
        if (const std::string_view text = resource[name]["text"].string(); !text.empty())
            return std::string(text);
        for (const JsonView coding : resource[name]["coding"].items())
            if (const std::string_view text = coding["display"].string(); !text.empty())
                return std::string(text);
    }
    return {};
}

// By the names that they are given by where they are named.
std::string authors_of(JsonView resource) {
    std::string names;
    for (const char* element : {"author", "resultsInterpreter", "performer", "sender"}) {
        const JsonView value = resource[element];
        const auto add = [&](JsonView one) {
            const std::string_view name = one["display"].string();
            if (!name.empty()) names.append(names.empty() ? "" : ", ").append(name);
        };
        if (value.is_object()) add(value);
        for (const JsonView one : value.items()) add(one);
        if (!names.empty()) break;
    }
    return names;
}
std::string date_of(JsonView resource) {
    for (const char* element : {"date", "issued", "sent", "effectiveDateTime"})
        if (const std::string_view text = resource[element].string(); !text.empty())
            return std::string(text);
    return {};
}

// What can be read, found wherever it stands.
class Reading {
public:
    void output(JsonView output) {
        for (const fhir::JsonMember& member : output.members()) {
            if (!member.name().starts_with("value")) continue;
            if (member.value.is_string() && member.name() != "valueUrl")
                text(title_of(output), member.value.string());
            else
                attachments(member.value, title_of(output));
        }
    }
    void resource(JsonView resource) {
        const std::string type(resource["resourceType"].string());
        // Bytes follow what leads to them, and stand where that does.
        if (type != "Binary") {
            standing_ = standing_word(resource);
            author_ = authors_of(resource);
            written_ = date_of(resource);
        }
        if (type == "Binary") {
            bytes("Binary", {}, resource);
            return;
        }
        add({.form = type, .title = title_of(resource)});
        text("conclusion", resource["conclusion"].string());
        for (const JsonView payload : resource["payload"].items())
            text("payload", payload["contentString"].string());
        for (const JsonView entry : resource["entry"].items()) this->resource(entry["resource"]);
        if (type != "Bundle") attachments(resource, title_of(resource));
    }
    std::vector<OpinionItem> items() && { return std::move(items_); }

private:
    void text(std::string title, std::string_view words) {
        if (!words.empty()) add({"text", std::move(title), "text/plain", std::string(words)});
    }
    void bytes(const char* form, std::string title, JsonView holder) {
        std::optional<std::string> data =
            crypto::from_base64(holder["data"].string(), crypto::WhiteSpace::Skip);
        if (!data || data->empty()) return;
        add({form, std::move(title), std::string(holder["contentType"].string()),
             *std::move(data)});
    }
    // https://hl7.org/fhir/R4/datatypes.html#Attachment: known by its content type and data.
    void attachments(JsonView value, const std::string& title) {
        if (value["contentType"].is_string() && value["data"].is_string()) {
            const std::string_view own = value["title"].string();
            return bytes("Attachment", own.empty() ? title : std::string(own), value);
        }
        for (const JsonView item : value.items()) attachments(item, title);
        for (const fhir::JsonMember& member : value.members()) attachments(member.value, title);
    }
    void add(OpinionItem item) {
        item.standing = standing_;
        item.author = author_;
        item.written = written_;
        items_.push_back(std::move(item));
    }
    std::vector<OpinionItem> items_;
    std::string standing_, author_, written_;
};

}  // namespace

std::string_view suffix_of(std::string_view content_type) {
    struct Row {
        std::string_view type, suffix;
    };
    constexpr Row rows[] = {{"application/pdf", ".pdf"},
                            {"text/plain", ".txt"},
                            {"image/png", ".png"},
                            {"image/jpeg", ".jpg"},
                            {"application/dicom", ".dcm"}};
    for (const Row& row : rows)
        if (row.type == content_type.substr(0, content_type.find(';'))) return row.suffix;
    return ".bin";
}

bool has_output(JsonView task) {
    for (const JsonView output : task["output"].items())
        for (const fhir::JsonMember& member : output.members())
            if (member.name().starts_with("value")) return true;
    return false;
}

Opinion::Opinion() : json_(Json::object({{"versions", Json::array(std::vector<Json>{})}})) {}

Result<Opinion> Opinion::parse(std::string text) {
    Result<Json> json = Json::parse(std::move(text), limits());
    if (!json || (*json)["versions"].size() == 0)
        return Error(ErrorKind::Corrupt, "the stored opinion cannot be read");
    return Opinion(std::move(*json));
}

bool Opinion::add(const Json& task, const std::vector<Json>& resources, Instant taken) {
    const Json next = Json::object(
        {{"taken", format_instant(taken)}, {"task", task}, {"resources", Json::array(resources)}});
    if (versions() > 0) {
        const JsonView last = version(versions() - 1);
        if (content_of(last["task"], last["resources"]) ==
            content_of(next["task"], next["resources"]))
            return false;
    }
    json_ = Json::object({{"versions", json_.get("versions").appended(next)}});
    return true;
}

std::string Opinion::taken(std::size_t number) const {
    return std::string(version(number)["taken"].string());
}

Json Opinion::bundle(std::size_t number) const {
    std::vector<Json> entries{Json::object({{"resource", json_.share(version(number)["task"])}})};
    for (const JsonView resource : version(number)["resources"].items())
        entries.push_back(Json::object({{"resource", json_.share(resource)}}));
    return Json::object({{"resourceType", "Bundle"},
                         {"type", "collection"},
                         {"timestamp", taken(number)},
                         {"entry", Json::array(std::move(entries))}});
}

std::vector<OpinionItem> Opinion::items(std::size_t number) const {
    Reading reading;
    for (const JsonView output : version(number)["task"]["output"].items()) reading.output(output);
    for (const JsonView one : version(number)["task"]["contained"].items()) reading.resource(one);
    for (const JsonView one : version(number)["resources"].items()) reading.resource(one);
    return std::move(reading).items();
}

}  // namespace consultd
