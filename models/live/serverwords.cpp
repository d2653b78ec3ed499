// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/serverwords.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace tailscope::live {

namespace {

constexpr std::size_t kMaxWords = 2000;
// needsPassword() knows an error by these.
constexpr std::string_view kGivePassword
    = "Give the password, or put it into the password file of libpq (~/.pgpass)";
constexpr std::string_view kWrongPassword
    = "Give the right password, or correct it in the password file of libpq (~/.pgpass)";

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool isStateLetter(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); }

/// Place of "  28P01: " after a severity's colon: of the five letters; npos = none.
std::size_t lastState(std::string_view text)
{
    for (std::size_t at = text.size(); at >= 8; --at) {
        const std::string_view part = text.substr(at - 8, 8);
        if (part[0] != ' ' || part[6] != ':' || part[7] != ' ')
            continue;
        const std::string_view state = part.substr(1, 5);
        if (std::all_of(state.begin(), state.end(), isStateLetter) && at >= 10 && text[at - 9] == ' '
            && text[at - 10] == ':')
            return at - 7;
    }
    return std::string_view::npos;
}

/// "LOCATION:  auth_failed, auth.c:326", in whatever language.
bool isSourceLine(std::string_view line)
{
    const std::size_t colon = line.rfind(':');
    return colon != std::string_view::npos && has(line.substr(0, colon), ".c")
        && line.substr(0, colon).ends_with(".c") && parseInt64(line.substr(colon + 1)).has_value();
}

struct StateHint
{
    std::string_view state; ///< or its class, the first two letters
    Failure failure;
    std::string_view hint;
};
constexpr std::array kConnectHints{
    StateHint{"28P01", Failure::NeedsPassword, kWrongPassword},
    StateHint{"28000", Failure::Refused,
        "Check the role, and the lines for it in the server's pg_hba.conf (address, database, TLS)"},
    StateHint{"28", Failure::Refused, "Check the role and how it may authenticate"},
    StateHint{"3D000", Failure::Refused, "Check the name of the database"},
    StateHint{"42501", Failure::Refused, "Grant the role CONNECT on the database"},
    StateHint{"53300", Failure::Unreachable,
        "All connections are in use or the role's limit is reached; it is tried again"},
    StateHint{"57P03", Failure::Unreachable, "The server starts, recovers or stops; it is tried again"},
    StateHint{"57P0", Failure::Unreachable, "The server stops or restarts; it is tried again"},
    StateHint{"53", Failure::Unreachable, "The server lacks resources; it is tried again"},
    StateHint{"08P01", Failure::Refused, "A pooler or the server does not take what was asked for"},
};

struct TextHint
{
    std::string_view part;
    Failure failure;
    std::string_view hint;
};
constexpr std::array kTextHints{
    TextHint{"assword authentication failed", Failure::NeedsPassword, kWrongPassword},
    TextHint{"SASL authentication failed", Failure::NeedsPassword, kWrongPassword},
    TextHint{"no password supplied", Failure::NeedsPassword, kGivePassword},
    TextHint{"received invalid response to SSL negotiation", Failure::Protocol,
        "Something else than PostgreSQL answers there: check host and port"},
    TextHint{"expected authentication request", Failure::Protocol,
        "Something else than PostgreSQL answers there: check host and port"},
    TextHint{"does not support SSL", Failure::Refused,
        "The server offers no TLS: allow sslmode=prefer if the network is trusted"},
    TextHint{"root certificate file", Failure::Refused,
        "Put the certificate of the authority there, name it by sslrootcert, or choose another sslmode"},
    TextHint{"ertificate", Failure::Refused,
        "The server's certificate does not match what sslmode asks for: check sslrootcert and the host name"},
    TextHint{"could not translate host name", Failure::Unreachable, "Check the host's name"},
    TextHint{"definition of service", Failure::Refused,
        "Check the name of the service and the service file (PGSERVICEFILE, ~/.pg_service.conf)"},
    TextHint{"service file", Failure::Refused, "Check the service file (PGSERVICEFILE, ~/.pg_service.conf)"},
    TextHint{"session is read-only", Failure::Unreachable, "No host is of the kind that was asked for"},
    TextHint{"session is not read-only", Failure::Unreachable, "No host is of the kind that was asked for"},
    TextHint{"in hot standby mode", Failure::Unreachable, "No host is of the kind that was asked for"},
    TextHint{"invalid ", Failure::Refused, "Check the connection string"},
    TextHint{"could not match ", Failure::Refused, "Give as many ports or addresses as hosts, or one"},
};

} // namespace

std::string oneLine(std::string_view message)
{
    std::string out;
    for (const std::string_view line : split(message, '\n')) {
        const std::string_view words = trimmed(line);
        if (words.empty())
            continue;
        if (!out.empty())
            out += out.ends_with('.') || out.ends_with(':') || out.ends_with('?') ? " " : "; ";
        out += words;
        if (out.size() > kMaxWords)
            break;
    }
    while (out.ends_with('.')) // texts are put together to sentences
        out.pop_back();
    out = sanitizedUtf8(out);
    return std::string(utf8Prefix(out, kMaxWords));
}

ServerWords serverWords(std::string_view verboseMessage)
{
    std::string text;
    for (const std::string_view line : split(verboseMessage, '\n')) {
        if (!isSourceLine(trimmed(line)))
            text += std::string(line) + '\n';
    }
    ServerWords words;
    for (std::size_t at = lastState(text); at != std::string::npos; at = lastState(text)) {
        if (words.sqlState.empty())
            words.sqlState = text.substr(at, 5);
        text.erase(at, 7);
    }
    words.text = oneLine(text);
    return words;
}

bool refusesOptions(const ServerWords &words)
{
    return has(words.text, "startup parameter") || has(words.text, "configuration parameter")
        || has(words.text, "command-line argument") || words.sqlState == "42704" || words.sqlState == "22023"
        || (words.sqlState == "08P01" && has(words.text, "options"))
        || (words.sqlState == "0A000" && has(words.text, "option"));
}

ConnectProblem connectProblem(const ServerWords &words, bool needsPassword, const std::string &subject)
{
    ConnectProblem problem;
    std::string_view hint;
    const auto decide = [&](Failure failure, std::string_view text) {
        problem.failure = failure;
        hint = text;
    };
    decide(Failure::Unreachable, "Check host and port, and that the server takes connections from here");
    const auto byText = std::find_if(kTextHints.begin(), kTextHints.end(),
        [&](const TextHint &entry) { return has(words.text, entry.part); });
    const auto byState = std::find_if(kConnectHints.begin(), kConnectHints.end(),
        [&](const StateHint &entry) { return words.sqlState.starts_with(entry.state); });
    // The poolers' codes say less than their words.
    const bool hasState = byState != kConnectHints.end();
    if (needsPassword)
        decide(Failure::NeedsPassword, kGivePassword);
    else if (byText != kTextHints.end() && (!hasState || byText->failure == Failure::NeedsPassword))
        decide(byText->failure, byText->hint);
    else if (hasState)
        decide(byState->failure, byState->hint);
    else if (!words.sqlState.empty())
        decide(Failure::Refused, "Ask the server's administrator");
    problem.error = Error{ErrorCode::Connection, subject, words.text, std::nullopt, std::string(hint)};
    if (problem.error.detail.empty())
        problem.error.detail = "the connection failed and libpq does not say why";
    return problem;
}

bool needsPassword(const Error &error)
{
    return error.code == ErrorCode::Connection
        && (error.hint == kGivePassword || error.hint == kWrongPassword);
}

Error queryError(const std::string &subject, std::string_view message, std::string_view detail,
    std::string_view hint, std::string_view sqlState)
{
    std::string words = oneLine(message);
    if (!detail.empty())
        words += " (" + oneLine(detail) + ")";
    std::string advice = oneLine(hint);
    if (advice.empty() && sqlState == "42501")
        advice = "The role lacks a right: pg_monitor is enough for what is shown of a server";
    else if (advice.empty() && sqlState == "57014")
        advice = "It was ended by its time limit or by somebody: ask for less, or raise the limit";
    else if (advice.empty() && sqlState == "55P03")
        advice = "Somebody holds a lock on it; it is not waited for";
    else if (advice.empty() && (sqlState == "22021" || sqlState == "22P05"))
        advice = "A text has bytes that are none in the database's encoding";
    return Error{ErrorCode::Sql, subject, std::move(words), std::nullopt, std::move(advice)};
}

} // namespace tailscope::live
