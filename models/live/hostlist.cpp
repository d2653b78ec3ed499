// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/hostlist.h"

#include "base/text.h"

#include <algorithm>
#include <memory>

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

namespace tailscope::live {

namespace {

constexpr std::size_t kMaxAddresses = 8; // of one name

std::string valueOf(const Keywords &keywords, std::string_view name)
{
    const auto found = std::find_if(keywords.begin(), keywords.end(),
        [&](const Keyword &keyword) { return keyword.name == name; });
    return found == keywords.end() ? std::string() : found->value;
}

void setValue(Keywords &keywords, std::string name, std::string value)
{
    std::erase_if(keywords, [&](const Keyword &keyword) { return keyword.name == name; });
    keywords.push_back({std::move(name), std::move(value), false});
}

/// A folder of sockets, an abstract socket, or an address already.
bool needsNoName(const std::string &host)
{
    unsigned char address[sizeof(in6_addr)];
    return host.empty() || host[0] == '/' || host[0] == '@' || inet_pton(AF_INET, host.c_str(), address) == 1
        || inet_pton(AF_INET6, host.c_str(), address) == 1 || host.find('%') != std::string::npos;
}

std::vector<std::string> addressesOf(const std::string &host, std::string &problem)
{
    addrinfo wanted{};
    wanted.ai_family = AF_UNSPEC;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo *first = nullptr;
    const int status = getaddrinfo(host.c_str(), nullptr, &wanted, &first);
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(first, &freeaddrinfo);
    std::vector<std::string> addresses;
    if (status != 0) {
        problem = "could not translate host name \"" + host + "\" to an address: " + gai_strerror(status);
        return addresses;
    }
    for (const addrinfo *entry = first; entry && addresses.size() < kMaxAddresses; entry = entry->ai_next) {
        char text[NI_MAXHOST];
        if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0
            && std::find(addresses.begin(), addresses.end(), text) == addresses.end())
            addresses.emplace_back(text);
    }
    if (addresses.empty())
        problem = "could not translate host name \"" + host + "\" to an address";
    return addresses;
}

} // namespace

std::vector<HostEntry> resolvedHosts(const Keywords &keywords, std::string &problem)
{
    const std::string hosts = valueOf(keywords, "host"), addresses = valueOf(keywords, "hostaddr"),
                      ports = valueOf(keywords, "port");
    if (hosts.empty())
        return {};
    const auto hostList = split(hosts, ','), addressList = split(addresses, ','),
               portList = split(ports, ',');
    // libpq says what is wrong with lists of different lengths.
    if ((!addresses.empty() && addressList.size() != hostList.size())
        || (portList.size() != 1 && portList.size() != hostList.size()))
        return {};
    std::vector<HostEntry> entries;
    for (std::size_t i = 0; i < hostList.size(); ++i) {
        HostEntry entry;
        entry.host = hostList[i];
        entry.port = portList.size() == 1 ? portList[0] : portList[i];
        entry.address = addresses.empty() ? std::string() : std::string(addressList[i]);
        if (!entry.address.empty() || needsNoName(entry.host)) {
            entries.push_back(std::move(entry));
            continue;
        }
        for (std::string &address : addressesOf(entry.host, problem)) {
            entry.address = std::move(address);
            entries.push_back(entry);
        }
    }
    return entries;
}

void setHosts(Keywords &keywords, const std::vector<HostEntry> &hosts)
{
    std::string names, addresses, ports;
    bool hasAddress = false, hasPort = false;
    for (const HostEntry &entry : hosts) {
        const char *comma = &entry == &hosts.front() ? "" : ",";
        names += comma + entry.host;
        addresses += comma + entry.address;
        ports += comma + entry.port;
        hasAddress = hasAddress || !entry.address.empty();
        hasPort = hasPort || !entry.port.empty();
    }
    setValue(keywords, "host", names);
    if (hasAddress)
        setValue(keywords, "hostaddr", addresses);
    if (hasPort)
        setValue(keywords, "port", ports);
}

} // namespace tailscope::live
