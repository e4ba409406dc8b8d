// A URL that was read is written as one that is read as the same place, a link resolved against it
// holds nothing that could split a request, and a path below it stays with its origin.
#include <cstdlib>

#include "fhir/reference.h"
#include "fhir/url.h"

using consultd::fhir::Reference;
using consultd::fhir::Url;

namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

void check_url(const Url& url) {
    const auto again = Url::parse(url.text());
    check(again.ok() && again->text() == url.text() && again->same_origin(url));
    check(again->path_and_query() == url.path_and_query());
    check(!url.host().empty() && url.path().starts_with('/') && url.port() != 0);
    for (const char c : url.text()) check(c > 0x20 && c < 0x7f && c != '\\');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto url = Url::parse(text); url.ok()) check_url(*url);

    const std::size_t line = text.find('\n');
    const auto base = Url::parse(text.substr(0, line));
    if (base.ok() && line != std::string_view::npos) {
        const std::string_view link = text.substr(line + 1);
        if (const auto resolved = base->resolve(link); resolved.ok()) check_url(*resolved);
        const Url below = base->below(link);
        check(below.same_origin(*base));
        const auto again = Url::parse(below.text());
        check(again.ok() && again->same_origin(*base));
    }
    const Reference reference = Reference::parse(text);
    check(reference.text == text);
    if (reference.form == Reference::Form::Relative)
        check(Reference::parse(reference.key()).key() == reference.key());
    return 0;
}
