// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pglog/prefixguess.h"

#include "base/text.h"
#include "import/pglog/logclock.h"

#include <algorithm>
#include <array>
#include <set>

namespace tailscope::import::pglog {

namespace {

constexpr std::size_t kMaxHeads = 400;
constexpr std::size_t kMaxPrefix = 400;
constexpr std::size_t kComposed = 12; ///< prefixes of lines that formats are made from

/// What distributions and clouds ship, and what manuals recommend.
constexpr auto kWellKnown = std::to_array<std::string_view>({
    "%m [%p] ",
    "%m [%p] %q%u@%d ",
    "%m [%p] %q%u@%d/%a ",
    "%m [%p] %q[user=%u,db=%d,app=%a] ",
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l-1] user=%u,db=%d ",
    "%m [%p]: [%l-1] db=%d,user=%u ",
    "%t:%r:%u@%d:[%p]:",
    "%t:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:",
    "%t-%c-",
    "%t-%p-%l-%u-%d-",
    "%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:",
    "<%m>",
    "< %m >",
    "< %m %a >",
    "< %t >",
    "%t ",
    "%m ",
    "%q%u@%d ",
    "user=%u,db=%d,app=%a,client=%h ",
    "",
});

constexpr auto kBackendTypes = std::to_array<std::string_view>({"client backend", "autovacuum launcher",
    "autovacuum worker", "background writer", "background worker", "checkpointer",
    "logical replication launcher", "logical replication worker", "parallel worker", "walreceiver",
    "walsender", "walwriter", "postmaster", "startup", "archiver", "logger", "stats collector"});

constexpr auto kApplications = std::to_array<std::string_view>({"psql", "pgbench", "pg_dump", "pg_restore",
    "PostgreSQL JDBC Driver", "pgAdmin", "DBeaver", "pg_basebackup", "walreceiver"});

struct Key
{
    std::string_view name;
    char letter;
};
constexpr auto kKeys = std::to_array<Key>({{"user", 'u'}, {"usr", 'u'}, {"username", 'u'}, {"u", 'u'},
    {"db", 'd'}, {"database", 'd'}, {"dbname", 'd'}, {"d", 'd'}, {"app", 'a'}, {"application", 'a'},
    {"application_name", 'a'}, {"appname", 'a'}, {"a", 'a'}, {"client", 'h'}, {"host", 'h'}, {"remote", 'h'},
    {"remote_host", 'h'}, {"h", 'h'}, {"ip", 'h'}, {"pid", 'p'}, {"p", 'p'}, {"process", 'p'}, {"line", 'l'},
    {"l", 'l'}, {"line_num", 'l'}, {"session_line", 'l'}, {"xid", 'x'}, {"tx", 'x'}, {"txid", 'x'},
    {"x", 'x'}, {"sqlstate", 'e'}, {"state", 'e'}, {"code", 'e'}, {"e", 'e'}, {"cmd", 'i'}, {"tag", 'i'},
    {"command", 'i'}, {"type", 'b'}, {"backend", 'b'}, {"backend_type", 'b'}, {"query_id", 'Q'},
    {"queryid", 'Q'}, {"qid", 'Q'}, {"leader", 'P'}});

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isWordStart(char c)
{
    return isDigit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'
        || static_cast<unsigned char>(c) >= 0x80;
}
bool isWordByte(char c) { return isWordStart(c) || c == '-' || c == '.' || c == '$' || c == '+'; }

std::size_t wordLength(std::string_view text)
{
    if (text.starts_with("[unknown]"))
        return 9;
    if (text.empty() || !isWordStart(text.front()))
        return 0;
    std::size_t n = 1;
    while (n < text.size() && isWordByte(text[n]))
        ++n;
    // A word does not end in punctuation.
    while (n > 1 && !isWordStart(text[n - 1]))
        --n;
    return n;
}

/// One prefix read from left to right.
class Composer
{
public:
    Composer(std::string_view prefix, const std::vector<std::string_view> &all)
        : m_text(prefix)
        , m_all(all)
    {}
    std::string compose();

private:
    bool takeKey();
    bool takeShape();
    bool takeNumber();
    bool takeName();
    void field(char letter, std::size_t length);
    void literal(std::size_t length);
    std::string_view rest() const { return m_text.substr(m_at); }
    bool isUsed(char letter) const { return m_used.find(letter) != std::string::npos; }
    std::size_t valueLength() const;
    bool isEverywhere(std::string_view word) const;

    std::string_view m_text;
    const std::vector<std::string_view> &m_all;
    std::size_t m_at = 0;
    std::string m_format, m_used;
};

void Composer::field(char letter, std::size_t length)
{
    m_format += '%';
    m_format += letter;
    m_used += letter;
    m_at += length;
}

void Composer::literal(std::size_t length)
{
    for (const char c : rest().substr(0, length)) {
        if (c == '%')
            m_format += '%';
        m_format += c;
    }
    m_at += length;
}

bool Composer::isEverywhere(std::string_view word) const
{
    return m_all.size() > 1 && std::all_of(m_all.begin(), m_all.end(), [word](std::string_view other) {
        return other.find(word) != std::string_view::npos;
    });
}

/// Value of a key=: up to what stands before the next key, else up to a delimiter or the last blank.
std::size_t Composer::valueLength() const
{
    const std::string_view text = rest();
    std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) {
        std::size_t end = equals;
        while (end > 0 && (isWordStart(text[end - 1])))
            --end;
        while (end > 0 && std::string_view(" ,;|/:[(]").find(text[end - 1]) != std::string_view::npos)
            --end;
        return end;
    }
    std::size_t end = std::min(text.find_first_of(",;|]>)"), text.size());
    if (text.starts_with("[local]") || text.starts_with("[unknown]"))
        end = std::max(end, text.find(']') + 1);
    while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == ':' || text[end - 1] == '-'))
        --end;
    return end;
}

bool Composer::takeKey()
{
    const std::string_view text = rest();
    const std::size_t length = wordLength(text);
    if (length == 0 || !text.substr(length).starts_with('='))
        return false;
    const std::string name = toLowerAscii(text.substr(0, length));
    const auto key = std::find_if(kKeys.begin(), kKeys.end(), [&](const Key &k) { return k.name == name; });
    if (key == kKeys.end() || isUsed(key->letter))
        return false;
    literal(length + 1);
    if (rest().starts_with('"') || rest().starts_with('\''))
        literal(1);
    const std::size_t value = valueLength();
    const std::string_view shown = rest().substr(0, value);
    const bool port = key->letter == 'h' && hostLength(shown) < shown.size();
    field(port ? 'r' : key->letter, value);
    return true;
}

bool Composer::takeShape()
{
    const std::string_view text = rest();
    const bool starts = m_at == 0 || !isWordStart(m_text[m_at - 1]);
    if (!starts)
        return false;
    if (const std::optional<WallTime> time = scanWallTime(text)) {
        const bool again = isUsed('t') || isUsed('m') || isUsed('n');
        field(again ? 's' : time->hasFraction ? 'm' : 't', time->length);
        return true;
    }
    if (!isUsed('t') && !isUsed('m') && !isUsed('n') && text.size() > 10
        && std::all_of(text.begin(), text.begin() + 10, isDigit) && text[0] == '1' && !isDigit(text[10])) {
        std::size_t n = 10;
        if (text[n] == '.')
            for (++n; n < text.size() && isDigit(text[n]);)
                ++n;
        field('n', n);
        return true;
    }
    if (const std::size_t n = sessionIdLength(text); n > 0 && !isUsed('c') && addressLength(text) == 0) {
        field('c', n);
        return true;
    }
    std::size_t host = addressLength(text);
    if (host == 0 && portLength(text.substr(hostLength(text))) > 0)
        host = hostLength(text);
    if (host > 0 && !isUsed('h') && !isUsed('r')) {
        const std::size_t port = portLength(text.substr(host));
        field(port > 0 ? 'r' : 'h', host + port);
        return true;
    }
    for (const std::string_view type : kBackendTypes) {
        if (text.starts_with(type) && !isUsed('b') && wordLength(text) <= type.size()) {
            field('b', type.size());
            return true;
        }
    }
    return false;
}

bool Composer::takeNumber()
{
    const std::string_view text = rest();
    const bool starts = m_at == 0 || !isWordStart(m_text[m_at - 1]);
    std::size_t n = 0;
    while (n < text.size() && isDigit(text[n]))
        ++n;
    const std::size_t word = wordLength(text);
    if (!starts)
        return false;
    if (isSqlState(text.substr(0, 5)) && word <= 5 && !isUsed('e') && (n < 5 || text.starts_with("00000"))) {
        field('e', 5);
        return true;
    }
    if (text.starts_with('-') && text.size() > 12 && isDigit(text[1])) {
        std::size_t end = 1;
        while (end < text.size() && isDigit(text[end]))
            ++end;
        if (end > 11 && !isUsed('Q')) {
            field('Q', end);
            return true;
        }
        return false;
    }
    if (n == 0 || (n < text.size() && isWordStart(text[n])))
        return false;
    const std::string_view after = text.substr(n);
    if (after.starts_with('/') && after.size() > 1 && isDigit(after[1]) && !isUsed('v')) {
        std::size_t end = n + 1;
        while (end < text.size() && isDigit(text[end]))
            ++end;
        field('v', end);
        return true;
    }
    if (after.starts_with("-1]") && !isUsed('l')) {
        field('l', n);
        literal(2);
        return true;
    }
    if (n > 10 && !isUsed('Q')) {
        field('Q', n);
        return true;
    }
    const bool zero = text.substr(0, n) == "0";
    for (const char letter : {'p', 'l', 'x'}) {
        if (!isUsed(letter) && !(zero && letter != 'x')) {
            field(letter, n);
            return true;
        }
    }
    return false;
}

bool Composer::takeName()
{
    const std::string_view text = rest();
    std::size_t n = wordLength(text);
    if (n == 0)
        return false;
    if (text.substr(n).starts_with('@') && !isUsed('u') && !isUsed('d')) {
        field('u', n);
        literal(1);
        field('d', wordLength(rest()));
        return true;
    }
    const bool before = !isUsed('t') && !isUsed('m') && !isUsed('n');
    if (isEverywhere(text.substr(0, n)) && (before || m_all.size() > 20)) {
        literal(n);
        return true;
    }
    for (const std::string_view application : kApplications) {
        if (!isUsed('a') && text.starts_with(application)) {
            field('a', std::max(n, application.size()));
            return true;
        }
    }
    for (const char letter : {'u', 'd', 'a'}) {
        if (isUsed(letter))
            continue;
        if (letter == 'a') {
            // An application's name may have blanks.
            n = std::min(text.find_first_of(",;|[]()@<>"), text.size());
            while (n > 0 && std::string_view(" :-/").find(text[n - 1]) != std::string_view::npos)
                --n;
        }
        field(letter, n);
        return true;
    }
    return false;
}

std::string Composer::compose()
{
    while (m_at < m_text.size()) {
        if (takeKey() || takeShape() || takeNumber() || takeName())
            continue;
        // user and database of a process without a session.
        if (rest().starts_with("@") && !isUsed('u') && !isUsed('d')) {
            field('u', 0);
            literal(1);
            field('d', wordLength(rest()));
            continue;
        }
        const std::size_t word = wordLength(rest());
        literal(std::max<std::size_t>(word, 1));
    }
    return m_format;
}

/// Formats with %q at each place where it can make sense.
std::vector<std::string> withQuit(const std::string &format)
{
    std::vector<std::string> out;
    for (std::size_t i = 1; i < format.size(); ++i) {
        const bool escape = format[i - 1] == '%';
        if (!escape && (format[i] == '%' || format[i - 1] == ' '))
            out.push_back(format.substr(0, i) + "%q" + format.substr(i));
    }
    return out;
}

class Guesser
{
public:
    explicit Guesser(const std::vector<std::string_view> &lines);

    std::size_t heads() const { return m_heads.size(); }
    std::optional<PrefixGuess> best();

private:
    void consider(const std::string &format);
    void nameTime();
    std::vector<std::size_t> samples() const;

    std::vector<std::string_view> m_heads; ///< lines with a level
    std::vector<std::string_view> m_prefixes; ///< what stands before it
    std::set<std::string> m_seen;
    std::optional<PrefixGuess> m_best;
};

Guesser::Guesser(const std::vector<std::string_view> &lines)
{
    for (const std::string_view line : lines) {
        if (m_heads.size() >= kMaxHeads)
            break;
        if (line.starts_with('\t'))
            continue;
        const WordPlace place = findLevel(line.substr(0, kMaxPrefix + 64));
        if (place.word == Word::None || place.begin > kMaxPrefix)
            continue;
        m_heads.push_back(line);
        m_prefixes.push_back(line.substr(0, place.begin));
    }
}

void Guesser::consider(const std::string &format)
{
    if (!m_seen.insert(format).second)
        return;
    std::optional<LinePrefix> prefix = LinePrefix::compile(format);
    if (!prefix)
        return;
    std::size_t matches = 0;
    PrefixMatch match;
    for (const std::string_view line : m_heads)
        matches += prefix->match(line, match) && isLevel(match.word.word) ? 1 : 0;
    const bool better = !m_best || matches > m_best->matches
        || (matches == m_best->matches && prefix->fields() > m_best->prefix.fields());
    if (better)
        m_best = PrefixGuess{std::move(*prefix), m_heads.size(), matches};
}

/// Lines whose prefixes have the most in them, and some over the whole.
std::vector<std::size_t> Guesser::samples() const
{
    std::vector<std::size_t> order(m_prefixes.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::stable_sort(order.begin(), order.end(),
        [this](std::size_t a, std::size_t b) { return m_prefixes[a].size() > m_prefixes[b].size(); });
    std::vector<std::size_t> picked;
    const std::size_t step = std::max<std::size_t>(1, order.size() / kComposed);
    for (std::size_t i = 0; i < order.size() && picked.size() < kComposed; i += step)
        picked.push_back(order[i]);
    return picked;
}

std::optional<PrefixGuess> Guesser::best()
{
    if (m_heads.empty())
        return std::nullopt;
    for (const std::string_view format : kWellKnown)
        consider(std::string(format));
    for (const std::size_t i : samples()) {
        const std::string format = composeFormat(m_prefixes[i], m_prefixes);
        consider(format);
        if (m_best->matches == m_heads.size())
            continue;
        for (const std::string &quit : withQuit(format))
            consider(quit);
    }
    nameTime();
    return m_best;
}

/// %t and %m match the same texts: the first line tells which it is.
void Guesser::nameTime()
{
    PrefixMatch match;
    for (const std::string_view line : m_heads) {
        if (!m_best->prefix.match(line, match))
            continue;
        const std::string_view time
            = !match[PrefixField::Time].empty() ? match[PrefixField::Time] : match[PrefixField::TimeMillis];
        std::string format = m_best->prefix.format();
        const bool millis = time.find('.') != std::string_view::npos;
        const std::size_t wrong = format.find(millis ? "%t" : "%m");
        if (time.empty() || wrong == std::string::npos)
            return;
        format[wrong + 1] = millis ? 'm' : 't';
        if (std::optional<LinePrefix> named = LinePrefix::compile(format))
            m_best->prefix = std::move(*named);
        return;
    }
}

} // namespace

std::string composeFormat(std::string_view prefix, const std::vector<std::string_view> &all)
{
    return Composer(prefix, all).compose();
}

std::optional<PrefixGuess> guessPrefix(const std::vector<std::string_view> &lines, std::size_t share)
{
    Guesser guesser(lines);
    std::optional<PrefixGuess> best = guesser.best();
    if (!best || best->matches == 0 || best->matches * 100 < share * best->heads)
        return std::nullopt;
    return best;
}

} // namespace tailscope::import::pglog
