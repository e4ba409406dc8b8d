#include "adapter/stages/pull/attachment_bytes.h"

#include <algorithm>
#include <array>

#include "fhir/base/crypto.h"
#include "fhir/r4/from_xml.h"
#include "fhir/r4/walk.h"

namespace consultd {
namespace {

using fhir::Json;

// MHD's sign for "made when it is asked for": no size, and the hash of no bytes.
// https://profiles.ihe.net/ITI/MHD/ITI-65.html
constexpr std::string_view hash_of_nothing = "2jmj7l5rSw0yVb/vlWAYkK/YBwk=";
constexpr std::size_t binary_overhead = 64 * 1024;

class AttachmentFinder final : public fhir::r4::Walker {
public:
    explicit AttachmentFinder(std::string name) : name_(std::move(name)) {}
    fhir::r4::Edit attachment(const fhir::r4::Visit& visit) override {
        ++count_;
        const fhir::JsonView value = visit.value;
        if (value["url"].string().empty() || value["data"].is_string())
            return fhir::r4::Edit::keep();
        RemoteAttachment found{name_ + " attachment " + std::to_string(count_),
                               std::string(value["url"].string()),
                               std::string(value["contentType"].string()),
                               std::string(value["hash"].string()), value["size"].integer()};
        if (found.size == 0 && found.hash == hash_of_nothing) {
            found.size.reset();
            found.hash.clear();
        }
        found_.push_back(std::move(found));
        return fhir::r4::Edit::keep();
    }
    std::vector<RemoteAttachment> take() { return std::move(found_); }

private:
    std::string name_;
    std::size_t count_ = 0;
    std::vector<RemoteAttachment> found_;
};

// What a type's files begin with. https://mimesniff.spec.whatwg.org/
struct Magic {
    std::string_view type;
    std::size_t at;
    std::string_view bytes;
};
using namespace std::string_view_literals;
constexpr auto magics = std::to_array<Magic>({{"application/pdf", 0, "%PDF-"sv},
                                              {"image/png", 0, "\x89PNG\r\n\x1a\n"sv},
                                              {"image/jpeg", 0, "\xff\xd8\xff"sv},
                                              {"image/gif", 0, "GIF8"sv},
                                              {"image/tiff", 0, "II*\0"sv},
                                              {"image/tiff", 0, "MM\0*"sv},
                                              {"application/rtf", 0, "{\\rtf"sv},
                                              {"application/zip", 0, "PK\x03\x04"sv},
                                              {"application/dicom", 128, "DICM"sv}});

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string_view without_space(std::string_view text) {
    const std::size_t begin = text.find_first_not_of("\xef\xbb\xbf \t\r\n");
    return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

bool is_html(std::string_view bytes) {
    const std::string head = lower(without_space(bytes).substr(0, 16));
    return head.starts_with("<!doctype html") || head.starts_with("<html");
}

// A page to sign in at, or one that leads there, and no document of anybody's.
bool is_sign_in_page(std::string_view bytes) {
    constexpr std::size_t head_bytes = 256 * 1024, forwarding_bytes = 4096;
    constexpr auto signs = std::to_array<std::string_view>(
        {"type=\"password\"", "type='password'", "type=password", "name=\"samlrequest\"",
         "name=\"samlresponse\"", "name=\"relaystate\"", "/oauth2/authorize",
         "/openid-connect/auth"});
    constexpr auto forwards = std::to_array<std::string_view>(
        {"http-equiv=\"refresh\"", "window.location", "location.replace(", "location.href"});
    const std::string page = lower(bytes.substr(0, head_bytes));
    const auto has = [&](std::string_view sign) { return page.find(sign) != std::string::npos; };
    return std::ranges::any_of(signs, has) ||
           (page.size() < forwarding_bytes && std::ranges::any_of(forwards, has));
}

// "text/rtf; charset=…" → "text/rtf".
std::string bare_type(std::string_view type) {
    std::string bare = lower(type.substr(0, type.find(';')));
    while (!bare.empty() && bare.back() == ' ') bare.pop_back();
    return bare;
}

// Whether files of the told type begin as these do. What a zip or XML may hold, nobody can tell.
bool fits(std::string_view told, std::string_view sniffed) {
    if (told.empty() || told == sniffed || told == "application/octet-stream") return true;
    if (sniffed == "application/rtf") return told == "text/rtf" || told == "application/msword";
    if (sniffed == "image/jpeg") return told == "image/jpg";
    if (sniffed == "application/zip") return told.starts_with("application/");
    if (sniffed == "text/html") return told == "application/xhtml+xml";
    return false;
}

// Markup or JSON, where files of the told type begin with bytes of their own: words of a server in
// the place of the file.
bool is_text_instead(std::string_view told, std::string_view bytes) {
    const std::string_view text = without_space(bytes);
    return !text.empty() && std::string_view("<{[").find(text.front()) != std::string_view::npos &&
           std::ranges::find(magics, told, &Magic::type) != magics.end();
}

std::optional<std::string> hash_bytes(std::string_view told) {
    if (told.size() == 40 || told.size() == 64)
        if (const auto bytes = crypto::from_hex(told)) return *bytes;
    if (const auto bytes = crypto::from_base64(told, crypto::WhiteSpace::Skip)) return *bytes;
    return std::nullopt;
}

bool is_hash_of(std::string_view told, std::string_view bytes) {
    const std::optional<std::string> hash = hash_bytes(told);
    if (!hash) return false;
    if (hash->size() == 32) return *hash == crypto::sha256(bytes);
    return hash->size() != 20 || *hash == crypto::sha1(bytes);
}

Json json_of_answer(const fhir::FhirResponse& answer, std::size_t bytes_max) {
    if (!answer.body.is_null()) return answer.body;
    const fhir::JsonLimits limits{.bytes_max = bytes_max / 3 * 4 + binary_overhead};
    const std::string_view text = without_space(answer.raw);
    Result<Json> parsed = Json();
    if (text.starts_with("{") &&
        text.substr(0, binary_overhead).find("resourceType") != std::string_view::npos)
        parsed = Json::parse(answer.raw, limits);
    if (text.starts_with("<") &&
        text.substr(0, binary_overhead).find("<Binary") != std::string_view::npos)
        parsed = fhir::r4::resource_from_xml(answer.raw, limits);
    return parsed ? *std::move(parsed) : Json();
}

}  // namespace

std::vector<RemoteAttachment> remote_attachments(const std::string& name, const Json& resource) {
    AttachmentFinder finder(name);
    (void)fhir::r4::walk(resource, finder);
    return finder.take();
}

namespace {

// Where the bytes come as they are, their server says in a header whose they are.
Json security_context_of(const fhir::FhirResponse& answer) {
    if (answer.security_context.empty()) return {};
    return Json::object({{"reference", answer.security_context}});
}

}  // namespace

// Whatever was asked for, either form may come.
Result<FetchedBytes> bytes_of_answer(const fhir::FhirResponse& answer, std::size_t bytes_max) {
    const Json json = json_of_answer(answer, bytes_max);
    if (json["resourceType"].string() == "Binary") {
        auto bytes = crypto::from_base64(json["data"].string(), crypto::WhiteSpace::Skip);
        if (!bytes || !json["data"].is_string())
            return Error(ErrorKind::Malformed, "a Binary has no base64 data");
        const Json context = json.get("securityContext");
        return FetchedBytes{std::string(json["contentType"].string()), *std::move(bytes),
                            context.is_null() ? security_context_of(answer) : context,
                            std::string(json["id"].string())};
    }
    if (json["resourceType"].string() == "OperationOutcome")
        return Error(ErrorKind::Malformed, "an attachment's answer is an OperationOutcome");
    // A FHIR document as an attachment: the client has read it; its white space is gone, which a
    // hash would tell.
    return FetchedBytes{answer.content_type,
                        answer.body.is_null() ? answer.raw : answer.body.print(),
                        security_context_of(answer)};
}

std::string_view sniffed_type(std::string_view bytes) {
    for (const Magic& magic : magics)
        if (bytes.size() >= magic.at && bytes.substr(magic.at).starts_with(magic.bytes))
            return magic.type;
    // Some writers put a line before it. https://www.iso.org/standard/75839.html
    if (bytes.substr(0, 1024).find("%PDF-") != std::string_view::npos) return "application/pdf";
    return is_html(bytes) ? "text/html" : std::string_view();
}

std::optional<StaticText> mismatch(const RemoteAttachment& told, const FetchedBytes& fetched) {
    if (fetched.bytes.empty() && told.size != 0) return StaticText("empty-answer");
    if (told.size && *told.size != static_cast<std::int64_t>(fetched.bytes.size()))
        return StaticText("size-mismatch");
    if (!told.hash.empty() && !is_hash_of(told.hash, fetched.bytes))
        return StaticText("hash-mismatch");
    const std::string type = bare_type(told.content_type);
    const std::string_view sniffed = sniffed_type(fetched.bytes);
    if (sniffed == "text/html" && is_sign_in_page(fetched.bytes)) return StaticText("web-page");
    const bool is_other =
        sniffed.empty() ? is_text_instead(type, fetched.bytes) : !fits(type, sniffed);
    return is_other ? std::optional(StaticText("type-mismatch")) : std::nullopt;
}

}  // namespace consultd
