// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/accesslog/logformats.h"

#include "base/text.h"

#include <cstdlib>
#include <fnmatch.h>
#include <fstream>

namespace tailscope::import::accesslog {

namespace {

constexpr std::string_view kCombined
    = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
      "\"$http_user_agent\"";

/// One that begins with a blank goes on behind the combined format.
constexpr std::string_view kWellKnown[] = {
    " $request_time",
    " $request_time $upstream_response_time",
    " \"$http_x_forwarded_for\" $request_time",
    " \"$http_x_forwarded_for\" $request_time $upstream_response_time",
    " \"$http_x_forwarded_for\" \"$request_time\" \"$upstream_response_time\"",
    " rt=$request_time uct=\"$upstream_connect_time\" uht=\"$upstream_header_time\" "
    "urt=\"$upstream_response_time\"",
    " rt=$request_time uct=$upstream_connect_time uht=$upstream_header_time urt=$upstream_response_time",
    // The ingress controller of Kubernetes, and Traefik.
    " $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr "
    "$upstream_response_length $upstream_response_time $upstream_status $req_id",
    "%h - %u [%{begin}t] \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\" %{requests}n \"%{router}n\" "
    "\"%{server_url}n\" %{ms}Tms",
};

constexpr std::size_t kMaxListLine = 64 * 1024;

} // namespace

const std::vector<LogFormat> &wellKnownFormats()
{
    static const std::vector<LogFormat> formats = [] {
        std::vector<LogFormat> all;
        for (const std::string_view text : kWellKnown) {
            const std::string whole
                = (text.starts_with(' ') ? std::string(kCombined) : "") + std::string(text);
            if (auto format = LogFormat::compile(whole))
                all.push_back(std::move(*format));
        }
        return all;
    }();
    return formats;
}

std::filesystem::path logFormatsFile()
{
    const char *config = std::getenv("XDG_CONFIG_HOME");
    const char *home = std::getenv("HOME");
    std::filesystem::path folder;
    if (config != nullptr && *config == '/')
        folder = config;
    else if (home != nullptr && *home != '\0')
        folder = std::filesystem::path(home) / ".config";
    else
        return {};
    return folder / "tailscope" / "log-formats";
}

std::string rememberedFormat(const std::filesystem::path &path)
{
    std::ifstream list(logFormatsFile());
    if (!list)
        return {};
    std::error_code error;
    const std::string whole = std::filesystem::absolute(path, error).string();
    const std::string name = path.filename().string();
    const bool isName = path.parent_path().empty();
    std::string line, found;
    while (std::getline(list, line)) {
        const std::size_t tab = line.find('\t');
        if (line.empty() || line.front() == '#' || tab == std::string::npos || line.size() > kMaxListLine)
            continue;
        std::string pattern = line.substr(0, tab);
        const std::size_t slash = pattern.rfind('/');
        // Where only a name is known, as when formats are told apart, the name decides.
        const bool byName = slash == std::string::npos || isName;
        if (byName && slash != std::string::npos)
            pattern = pattern.substr(slash + 1);
        if (fnmatch(pattern.c_str(), byName ? name.c_str() : whole.c_str(), 0) == 0)
            found = line.substr(tab + 1);
    }
    return found;
}

std::string patternOf(const std::filesystem::path &path)
{
    std::error_code error;
    const std::filesystem::path whole = std::filesystem::absolute(path, error);
    std::string name = whole.filename().string();
    // Rotated files differ in numbers, dates and compression.
    for (bool cut = true; cut;) {
        cut = false;
        for (const std::string_view suffix : {".gz", ".zst", ".zip"}) {
            if (name.size() > suffix.size() && name.ends_with(suffix)) {
                name.erase(name.size() - suffix.size());
                cut = true;
            }
        }
        const std::size_t last = name.find_last_not_of("0123456789");
        if (last != std::string::npos && last > 0 && last + 1 < name.size()
            && (name[last] == '.' || name[last] == '-')) {
            name.erase(last);
            cut = true;
        }
    }
    std::string pattern;
    for (const char c : (whole.parent_path() / name).string()) {
        if (std::string_view("*?[]\\").find(c) != std::string_view::npos)
            pattern += '\\';
        pattern += c;
    }
    return pattern + '*';
}

Result<void> rememberFormat(const std::filesystem::path &path, std::string_view format)
{
    if (rememberedFormat(path) == format)
        return {};
    const std::filesystem::path list = logFormatsFile();
    std::error_code error;
    std::filesystem::create_directories(list.parent_path(), error);
    std::ofstream out(list, std::ios::app);
    std::string line(format);
    for (char &c : line)
        c = c == '\n' || c == '\r' ? ' ' : c;
    out << patternOf(path) << '\t' << line << '\n';
    out.flush();
    if (!out)
        return fail(ErrorCode::NotReadable, list.string(), "the log format cannot be remembered",
            "give --log-format again next time, or make the folder writable");
    return {};
}

} // namespace tailscope::import::accesslog
