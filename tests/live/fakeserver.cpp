// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakeserver.h"

#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

std::string int32(std::uint32_t value)
{
    const std::uint32_t big = htonl(value);
    return {reinterpret_cast<const char *>(&big), 4};
}
std::string int16(std::uint16_t value)
{
    const std::uint16_t big = htons(value);
    return {reinterpret_cast<const char *>(&big), 2};
}
std::string message(char kind, const std::string &body)
{
    return kind + int32(static_cast<std::uint32_t>(body.size()) + 4) + body;
}
std::string withNul(const std::string &text) { return text + std::string(1, '\0'); }
std::string ready() { return message('Z', "I"); }
std::string status(const std::string &name, const std::string &value)
{
    return message('S', withNul(name) + withNul(value));
}
std::string columns(const std::vector<std::string> &names)
{
    std::string body = int16(static_cast<std::uint16_t>(names.size()));
    for (const std::string &name : names)
        body
            += withNul(name) + int32(0) + int16(0) + int32(25) + int16(0xffff) + int32(0xffffffff) + int16(0);
    return message('T', body);
}
std::string row(const std::vector<std::string> &values)
{
    std::string body = int16(static_cast<std::uint16_t>(values.size()));
    for (const std::string &value : values)
        body += int32(static_cast<std::uint32_t>(value.size())) + value;
    return message('D', body);
}

bool sendAll(int socket, const std::string &bytes)
{
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto sent = send(socket, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        done += static_cast<std::size_t>(sent);
    }
    return true;
}
bool readExactly(int socket, char *to, std::size_t size)
{
    for (std::size_t done = 0; done < size;) {
        const auto got = recv(socket, to + done, size - done, 0);
        if (got <= 0)
            return false;
        done += static_cast<std::size_t>(got);
    }
    return true;
}
bool readMessage(int socket, char &kind, std::string &body)
{
    std::uint32_t size = 0;
    if (!readExactly(socket, &kind, 1) || !readExactly(socket, reinterpret_cast<char *>(&size), 4))
        return false;
    size = ntohl(size);
    body.resize(size < 4 ? 0 : size - 4);
    return readExactly(socket, body.data(), body.size());
}

} // namespace

FakeServer::FakeServer(Manner manner)
    : m_manner(manner)
{
    m_listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(m_listener, reinterpret_cast<sockaddr *>(&address), sizeof address);
    listen(m_listener, 16);
    socklen_t size = sizeof address;
    getsockname(m_listener, reinterpret_cast<sockaddr *>(&address), &size);
    m_port = ntohs(address.sin_port);
    [[maybe_unused]] const int made = pipe(m_stop);
    m_thread = std::thread([this] { run(); });
}

FakeServer::~FakeServer()
{
    close(m_stop[1]);
    m_thread.join();
    close(m_listener);
    close(m_stop[0]);
}

std::string FakeServer::conninfo() const
{
    return "host=127.0.0.1 port=" + std::to_string(m_port)
        + " dbname=d user=u password=hunter2 sslmode=disable gssencmode=disable";
}

std::vector<std::string> FakeServer::queries() const
{
    const std::lock_guard lock(m_mutex);
    return m_queries;
}
std::string FakeServer::startup() const
{
    const std::lock_guard lock(m_mutex);
    return m_startup;
}

void FakeServer::run()
{
    std::vector<std::thread> clients;
    std::vector<int> sockets;
    for (;;) {
        std::array<pollfd, 2> wait{pollfd{m_listener, POLLIN, 0}, pollfd{m_stop[0], POLLIN, 0}};
        if (poll(wait.data(), wait.size(), -1) < 0 || wait[1].revents != 0)
            break;
        const int client = accept(m_listener, nullptr, nullptr);
        if (client < 0)
            continue;
        ++m_connections;
        sockets.push_back(client);
        clients.emplace_back([this, client] { serve(client); });
    }
    for (const int client : sockets)
        shutdown(client, SHUT_RDWR);
    for (std::thread &client : clients)
        client.join();
    for (const int client : sockets)
        close(client);
}

void FakeServer::serve(int socket)
{
    char byte = 0;
    switch (m_manner) {
    case Manner::Silent:
        while (readExactly(socket, &byte, 1)) {}
        return;
    case Manner::Closes:
        shutdown(socket, SHUT_RDWR);
        return;
    case Manner::Http:
        sendAll(socket, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        while (readExactly(socket, &byte, 1)) {}
        return;
    case Manner::Garbage:
        sendAll(socket, std::string("\x93\x01\xff\x00\x7f\x80", 6) + std::string(5000, '\xfe'));
        while (readExactly(socket, &byte, 1)) {}
        return;
    default:
        speak(socket);
        shutdown(socket, SHUT_RDWR);
    }
}

bool FakeServer::readStartup(int socket)
{
    for (;;) {
        std::uint32_t size = 0;
        if (!readExactly(socket, reinterpret_cast<char *>(&size), 4))
            return false;
        std::string body(ntohl(size) - 4, '\0');
        if (!readExactly(socket, body.data(), body.size()))
            return false;
        std::uint32_t code = 0;
        std::memcpy(&code, body.data(), 4);
        if (ntohl(code) == 80877103) { // asks for TLS
            sendAll(socket, "N");
            continue;
        }
        for (char &c : body)
            c = c == '\0' ? ' ' : c;
        const std::lock_guard lock(m_mutex);
        m_startup = body;
        return true;
    }
}

void FakeServer::speak(int socket)
{
    if (!readStartup(socket))
        return;
    sendAll(socket,
        message('R', int32(0)) + status("server_version", "15.4") + status("server_encoding", "UTF8")
            + status("client_encoding", "UTF8") + message('K', int32(4711) + int32(1)) + ready());
    char kind = 0;
    std::string body, sql;
    while (readMessage(socket, kind, body)) {
        if (kind == 'Q')
            answer(socket, body.c_str(), false);
        else if (kind == 'P')
            sql = body.c_str() + std::strlen(body.c_str()) + 1;
        else if (kind == 'S')
            answer(socket, sql, true);
        else if (kind == 'X')
            return;
    }
}

void FakeServer::answer(int socket, const std::string &sql, bool isExtended)
{
    {
        const std::lock_guard lock(m_mutex);
        m_queries.push_back(sql);
    }
    const std::string begin = isExtended ? message('1', "") + message('2', "") : std::string();
    const std::string setting = m_manner == Manner::IgnoresReadOnly ? "off" : "on";
    if (const auto given = onQuery ? onQuery(sql) : std::nullopt) {
        std::string bytes = begin + columns(given->columns);
        for (const auto &values : given->rows)
            bytes += row(values);
        sendAll(socket,
            bytes + message('C', withNul("SELECT " + std::to_string(given->rows.size()))) + ready());
        return;
    }
    if (sql.find("current_setting('transaction_read_only')") != std::string::npos) {
        sendAll(socket,
            begin + columns({"current_setting", "pg_backend_pid"}) + row({setting, "4711"})
                + message('C', withNul("SELECT 1")) + ready());
    } else if (sql == "SHOW /* tailscope */ transaction_read_only") {
        sendAll(socket,
            begin + columns({"transaction_read_only"}) + row({setting}) + message('C', withNul("SHOW"))
                + ready());
    } else if (!isExtended) {
        sendAll(socket, message('C', withNul("SET")) + ready());
    } else if (m_manner == Manner::ClosesInAnswer) {
        sendAll(socket, begin + columns({"a"}) + row({"first"}) + row({std::string(100, 'x')}).substr(0, 50));
        shutdown(socket, SHUT_RDWR);
    } else if (m_manner == Manner::Endless) {
        const std::string one = row({std::string(8000, 'x')});
        sendAll(socket, begin + columns({"a"}));
        while (sendAll(socket, one)) {}
    } else if (m_manner != Manner::NoAnswer) {
        sendAll(socket,
            begin + columns({"a"}) + row({"caf\xe9"}) + message('C', withNul("SELECT 1")) + ready());
    }
}
