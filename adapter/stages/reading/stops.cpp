#include "adapter/stages/reading/stops.h"

#include <algorithm>
#include <map>

#include "adapter/html/date_text.h"
#include "adapter/stages/reading/likeness.h"
#include "fhir/datetime.h"

namespace consultd {
namespace {

using fhir::Datetime;
using fhir::JsonView;

bool is_said_of_use(std::string_view type) {
    return type == "MedicationRequest" || type == "MedicationStatement";
}

// What an entry is of: two entries of different kinds are never of the same thing.
std::string_view kind_of(std::string_view type) {
    if (is_said_of_use(type) || type == "MedicationAdministration" || type == "MedicationDispense")
        return "medicine";
    return type == "Condition" || type == "AllergyIntolerance" ? type : std::string_view();
}

// The last day that an entry speaks of.
std::string_view newest_date(const Statement& one) {
    std::string_view newest = one.when.doubt == When::Doubt::None ? one.when.date : "";
    for (const std::string_view name : {"authoredOn", "dateAsserted", "recordedDate"}) {
        const std::string_view written = readable_date(one.record->resource[name].string());
        const auto date = Datetime::parse(written), before = Datetime::parse(newest);
        if (date && !is_placeholder(written) && (!before || date->earliest() > before->earliest()))
            newest = written;
    }
    return newest;
}

// The day on which it ended, where the record has it.
std::string_view end_of(const Statement& one) {
    if (one.resource().type() != "Condition") return one.when.until;
    const Choice abatement = choice_of(one.resource().json(), "abatement");
    return readable_date(abatement.type == "Period" ? abatement.value["end"].string()
                                                    : abatement.value.string());
}

// What an entry says against others of the same thing; empty: nothing.
std::string turn_words(const Statement& one) {
    const std::string_view type = one.resource().type();
    const bool is_over = one.has(Standing::Over) || one.has(Standing::RuledOut);
    if (one.has(Standing::InError)) return {};
    if (type == "Condition" || type == "AllergyIntolerance") return is_over ? one.words : "";
    const std::string whose = is_said_of_use(type)                 ? ""
                              : type == "MedicationAdministration" ? "a dose "
                                                                   : "dispense ";
    if (one.has(Standing::Forbidden)) return "do not give";
    if (one.has(Standing::Stopped)) return whose + "stopped";
    if (one.has(Standing::OnHold)) return whose + "on hold";
    if (one.has(Standing::DidNotHappen) && type == "MedicationStatement") return "not taken";
    if (one.has(Standing::DidNotHappen) && type == "MedicationDispense") return "dispense declined";
    return is_said_of_use(type) && is_over && !one.when.until.empty() ? "ended" : "";
}

struct Turn {
    const Statement* statement;
    std::string words;
    std::string_view date;  // empty: nobody says when
    bool is_end;            // the date is that of the end, not of the entry

    // What it can mean at the earliest; absent: it has no date.
    std::optional<Instant> from() const {
        const auto day = Datetime::parse(date);
        return day ? std::optional(day->earliest()) : std::nullopt;
    }
};

// Whether the turn came before the entry, after it, or nobody knows.
enum class Order : std::uint8_t { Before, After, Unknown };
Order order_of(const Turn& turn, std::string_view said) {
    const auto day = Datetime::parse(turn.date), entry = Datetime::parse(said);
    if (!day || !entry) return Order::Unknown;
    if (day->earliest() >= entry->latest()) return Order::After;
    return day->latest() <= entry->earliest() ? Order::Before : Order::Unknown;
}

// The turns of a record by what they are of. Of each name and words the newest is kept, and one
// that has no date: what an older one says the newer one says too.
class Turns {
public:
    Turns(const std::vector<Statement>& statements, const PacketIndex& index) : index_(index) {
        for (const Statement& one : statements) {
            const std::string_view kind = kind_of(one.resource().type());
            if (kind.empty()) continue;
            Turn turn{&one, turn_words(one), end_of(one), true};
            if (turn.words.empty()) continue;
            turn.is_end = Datetime::parse(turn.date).has_value();
            if (!turn.is_end) turn.date = newest_date(one);
            const Likeness likeness = likeness_of(one.resource(), index);
            for (const std::string& name : likeness.same) keep(same_[keyed(kind, name)], turn);
            for (const std::string& name : likeness.akin)
                keep(akin_[name.substr(0, name.find(' '))][name], turn);
        }
    }
    bool is_empty() const { return same_.empty() && akin_.empty(); }

    // What of them is said of an entry: the same thing, and what is only akin to it.
    void apply(Statement& one) const {
        const std::string_view kind = kind_of(one.resource().type());
        const std::string said(newest_date(one));
        const Likeness likeness = likeness_of(one.resource(), index_);
        std::vector<const Statement*> seen{&one};
        for (const std::string& name : likeness.same)
            if (const auto found = same_.find(keyed(kind, name)); found != same_.end())
                for (const Turn& turn : found->second) add(one, turn, said, true, seen);
        for (const std::string& name : likeness.akin) {
            const auto found = akin_.find(name.substr(0, name.find(' ')));
            if (found == akin_.end()) continue;
            for (const auto& [other, turns] : found->second)
                if (leads(name, other) || leads(other, name))
                    for (const Turn& turn : turns)
                        if (turn.words != "ended") add(one, turn, said, false, seen);
        }
    }

private:
    static std::string keyed(std::string_view kind, const std::string& name) {
        return std::string(kind) + '\n' + name;
    }

    static void keep(std::vector<Turn>& known, const Turn& turn) {
        for (Turn& other : known) {
            if (other.words != turn.words || other.date.empty() != turn.date.empty()) continue;
            if (turn.from() > other.from()) other = turn;
            return;
        }
        known.push_back(turn);
    }

    static std::string phrase(const Turn& turn, Order order, bool is_same) {
        std::string out = is_same ? turn.words : "“" + turn.statement->what + "” " + turn.words;
        if (turn.is_end && is_said_of_use(turn.statement->resource().type()))
            out += ' ' + date_text(turn.date);
        out += order == Order::After ? " by a later entry" : " by another entry";
        if (turn.date.empty()) return out + " without a date";
        if (!turn.is_end) out += " of " + date_text(turn.date);
        return order == Order::After ? out : out + ", which is newer is not known";
    }

    // An entry of one dose or one box ends no order; nor does what is only akin.
    static void add(Statement& one, const Turn& turn, std::string_view said, bool is_same,
                    std::vector<const Statement*>& seen) {
        const Order order = order_of(turn, said);
        if (order == Order::Before || std::ranges::count(seen, turn.statement) > 0) return;
        seen.push_back(turn.statement);
        Standing standing = Standing::Fact;
        if (order == Order::After && is_same && is_said_of_use(turn.statement->resource().type()))
            standing = turn.words == "on hold" ? Standing::OnHold : Standing::Over;
        one.add({standing, phrase(turn, order, is_same)});
        if (one.reason.find(turn.statement->reason) == std::string::npos)
            join(one.reason, "; ", turn.statement->reason);
    }

    const PacketIndex& index_;
    std::map<std::string, std::vector<Turn>> same_;
    std::map<std::string, std::map<std::string, std::vector<Turn>>> akin_;
};

// What can stand as so and be turned by another entry.
bool can_be_turned(const Statement& one) {
    const std::string_view type = one.resource().type();
    return one.places().now &&
           (is_said_of_use(type) || type == "Condition" || type == "AllergyIntolerance");
}

}  // namespace

void end_what_was_stopped(std::vector<Statement>& statements, const PacketIndex& index) {
    const Turns turns(statements, index);
    if (turns.is_empty()) return;
    for (Statement& one : statements)
        if (can_be_turned(one)) turns.apply(one);
}

}  // namespace consultd
