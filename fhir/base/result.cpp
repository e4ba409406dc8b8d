#include "fhir/base/result.h"

namespace consultd {

std::string Error::message() const {
    std::string out(text_.view());
    const char* before = " (";
    for (const Detail& detail : details()) {
        out += before;
        out += detail.name.view();
        out += ' ';
        if (detail.is_text)
            out += detail.text.view();
        else
            out += std::to_string(detail.number);
        before = ", ";
    }
    if (count_ != 0) out += ')';
    return out;
}

StaticText name_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::Unavailable:
            return "unavailable";
        case ErrorKind::RateLimited:
            return "rate-limited";
        case ErrorKind::Uncertain:
            return "uncertain";
        case ErrorKind::Unauthorized:
            return "unauthorized";
        case ErrorKind::Forbidden:
            return "forbidden";
        case ErrorKind::Denied:
            return "denied";
        case ErrorKind::NotFound:
            return "not-found";
        case ErrorKind::Conflict:
            return "conflict";
        case ErrorKind::Malformed:
            return "malformed";
        case ErrorKind::Unsupported:
            return "unsupported";
        case ErrorKind::TooLarge:
            return "too-large";
        case ErrorKind::Storage:
            return "storage";
        case ErrorKind::Corrupt:
            return "corrupt";
        case ErrorKind::Cancelled:
            return "cancelled";
        case ErrorKind::Config:
            return "config";
        case ErrorKind::Busy:
            return "busy";
    }
    return "unknown";
}

}  // namespace consultd
