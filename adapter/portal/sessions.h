// Sessions: who has the portal open, in memory alone: a restart signs everybody out. A session is
// known by 256 random bits in a cookie, of which only the hash is kept; it ends after 15 minutes
// without a request and after 8 hours whatever happens, and a sign-in gives it a new name, so that
// one that somebody else has put into the browser is worth nothing.
// https://owasp.org/www-project-application-security-verification-standard/ (V3)
#pragma once

#include <atomic>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "adapter/portal/proxy.h"
#include "adapter/portal/words.h"
#include "fhir/base/clock.h"
#include "fhir/base/random.h"
#include "fhir/client/smart_standalone.h"

namespace consultd::portal {

// Where whoever signed in is not the patient: that they may act holds for as long as the hospital
// says so.
struct ActsFor {
    Proxy proxy;
    std::string pseudonym;  // of who they are at the source
    std::string transfer;   // the one that has this sign-in; empty: it was ended at once
    MonotonicTime confirmed{}, asked{};
};

// Whose records, as the hospital's sign-in has shown.
struct SignedIn {
    std::string source, patient_id, pseudonym;
    std::string scope;  // what they let us read
    std::optional<ActsFor> acts_for;
};

// What the sign-in under way is for.
enum class Aim : std::uint8_t { Share, See, GoOn };

// What is asked for, as chosen so far.
struct Draft {
    Aim aim = Aim::Share;
    std::string source, destination, question;
    std::string agreed;  // hex SHA-256 of the page that was agreed to before the sign-in
};

// A sign-in that was begun is for what was asked for then, and at that source: what is chosen
// meanwhile in another tab is another draft.
struct SignInUnderWay {
    Draft draft;
    fhir::SignIn sign_in;
};

struct Session {
    std::string csrf;  // of its forms
    Language language = Language::English;
    std::string looked_for;  // the name of a hospital, or a town
    Draft draft;
    std::string shown;  // hex SHA-256 of the page that is to be answered next
    std::optional<SignInUnderWay> under_way;
    std::optional<SignedIn> who;
    std::string transfer;  // the one under way

    // Nobody has chosen anything in it.
    bool is_empty() const { return !who && !under_way && draft.source.empty(); }
};

class Sessions {
public:
    static constexpr Milliseconds idle_max = std::chrono::minutes(15);
    static constexpr Milliseconds life_max = std::chrono::hours(8);
    static constexpr std::size_t sessions_max = 5000;
    static constexpr std::size_t per_address_max = 100;  // but of a proxy on this machine

    // One request of a session at a time: a double click is a first and a second. More than a few
    // do not wait: each would hold a thread of the HTTP interface.
    struct Kept {
        static constexpr int waiting_max = 2;
        std::mutex mutex;
        std::atomic<int> waiting = 0;
        Session session;
    };
    struct Named {
        std::string name;  // for the cookie
        std::shared_ptr<Kept> kept;
    };

    Sessions(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

    // A page that looks again by itself keeps nobody signed in.
    enum class By : std::uint8_t { Person, Itself };
    // Null: there is none of that name any more.
    std::shared_ptr<Kept> find(std::string_view name, By by = By::Person);
    // How long until it ends, if nobody asks for anything; nothing: it has.
    Milliseconds left(std::string_view name) const;
    // The oldest in which nobody has chosen anything gives way. Absent: there are too many, of all
    // or of this address.
    std::optional<Named> begin(const std::string& address, Language language);
    // The same session under a new name; the old one is nobody's.
    std::string rename(std::string_view name);
    void end(std::string_view name);
    std::size_t size() const;

private:
    struct Entry {
        std::shared_ptr<Kept> kept;
        std::string address;
        MonotonicTime begun, seen;
    };
    void forget_old();
    Milliseconds left(const Entry& entry) const;
    // One that holds nothing, of this address where one is named: whether there was one.
    bool give_way(const std::string& address);
    std::string new_name() { return crypto::base64url(random_.bytes(32)); }

    const Clock& clock_;
    Random& random_;
    mutable std::mutex mutex_;
    std::map<std::string, Entry> entries_;  // by the hash of the name
};

}  // namespace consultd::portal
