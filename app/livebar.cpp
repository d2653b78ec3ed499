// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/livebar.h"

#include "app/keychain.h"
#include "app/timeslider.h"
#include "base/text.h"
#include "items/livecells.h"
#include "session/livesession.h"
#include "session/playback.h"
#include "session/session.h"
#include "widgets/base/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>

#include <utility>

namespace tailscope::app {

using session::LiveSession;
using session::Playback;
using ServerState = live::ServerStatus::State;

namespace {

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString markOf(int level)
{
    // A sign beside the colour: not everybody sees the colour.
    switch (level) {
    case 0:
        return QStringLiteral("●");
    case 1:
        return QStringLiteral("○");
    case 2:
        return QStringLiteral("▲");
    default:
        return QStringLiteral("✖");
    }
}

} // namespace

LiveBar::LiveBar(QWidget *parent)
    : QWidget(parent)
    , m_recording(new QLabel(this))
    , m_time(new QLabel(this))
    , m_passwordText(new QLabel(this))
    , m_slider(new TimeSlider(this))
    , m_window(new QComboBox(this))
    , m_speed(new QComboBox(this))
    , m_password(new QLineEdit(this))
    , m_remember(new QCheckBox(tr("Remember"), this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 2, 8, 2);
    layout->setSpacing(1);
    m_top = createTop();
    m_passwordRow = createPassword();
    layout->addWidget(m_top);
    layout->addWidget(m_passwordRow);
    layout->addWidget(createTimes());
    m_passwordRow->hide();
    setAccessibleName(tr("Live"));
    hide();
}

QToolButton *LiveBar::button(const QString &text, const QString &toolTip, QHBoxLayout *layout,
    void (LiveBar::*run)())
{
    auto *made = new QToolButton(this);
    made->setText(text);
    made->setToolTip(toolTip);
    made->setAccessibleName(text);
    made->setAutoRaise(true);
    connect(made, &QToolButton::clicked, this, run);
    layout->addWidget(made);
    return made;
}

QWidget *LiveBar::createTop()
{
    auto *row = new QWidget(this);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    auto *servers = new QWidget(row);
    m_serverRow = new QHBoxLayout(servers);
    m_serverRow->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(servers);
    m_recording->setAccessibleName(tr("Recording"));
    // A long error must not make the window wider: it is in the tool tip in full.
    m_recording->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    layout->addWidget(m_recording, 1);
    m_snapshot = button(tr("Snapshot Now"),
        tr("Ask everything once, whatever its interval: sizes, catalogs, settings"), layout,
        &LiveBar::snapshot);
    m_stop = button(tr("Stop"), tr("End the recording; what was recorded stays and can be replayed"), layout,
        &LiveBar::stop);
    return row;
}

QWidget *LiveBar::createTimes()
{
    auto *row = new QWidget(this);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    m_follow = button(tr("Pause"), {}, layout, &LiveBar::togglePause);
    button(QStringLiteral("◀"), tr("A second back (Left)"), layout, &LiveBar::stepBack)
        ->setAccessibleName(tr("A second back"));
    layout->addWidget(m_slider, 1);
    button(QStringLiteral("▶"), tr("A second on (Right)"), layout, &LiveBar::stepForward)
        ->setAccessibleName(tr("A second on"));
    m_time->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_time->setAccessibleName(tr("Moment shown"));
    layout->addWidget(m_time);
    m_play = button(tr("Play"), tr("Replay from here, or from the start"), layout, &LiveBar::togglePlay);
    for (const int speed : {1, 10, 60})
        m_speed->addItem(QStringLiteral("×%1").arg(speed), speed);
    m_speed->setToolTip(tr("How much faster than it was"));
    m_speed->setAccessibleName(tr("Speed of the replay"));
    layout->addWidget(m_speed);
    for (const int minutes : {1, 5, 15, 60})
        m_window->addItem(tr("%1 min").arg(minutes), minutes);
    m_window->setCurrentIndex(1);
    m_window->setToolTip(tr("How much of the time before the moment the charts show"));
    m_window->setAccessibleName(tr("Time shown by the charts"));
    layout->addWidget(m_window);
    connect(m_window, &QComboBox::activated, this, [this] {
        if (m_session)
            m_session->playback()->setWindowNs(m_window->currentData().toLongLong() * 60 * kNanosPerSecond);
    });
    connect(m_speed, &QComboBox::activated, this, [this] {
        if (m_session && m_session->playback()->mode() == Playback::Mode::Play)
            m_session->playback()->play(m_speed->currentData().toDouble());
    });
    return row;
}

QWidget *LiveBar::createPassword()
{
    auto *row = new QWidget(this);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_passwordText);
    m_password->setEchoMode(QLineEdit::Password);
    m_password->setMaximumWidth(260);
    m_password->setAccessibleName(tr("Password"));
    layout->addWidget(m_password);
    m_remember->setVisible(hasKeychain());
    m_remember->setToolTip(tr("In the desktop's keychain"));
    layout->addWidget(m_remember);
    button(tr("Connect"), {}, layout, &LiveBar::givePassword);
    layout->addStretch(1);
    connect(m_password, &QLineEdit::returnPressed, this, &LiveBar::givePassword);
    return row;
}

void LiveBar::setSession(session::Session *session)
{
    if (m_session) {
        m_session->live()->disconnect(this);
        m_session->playback()->disconnect(this);
        m_session->context()->disconnect(this);
    }
    m_session = session;
    m_slider->setSession(session);
    m_asking = -1;
    if (session) {
        connect(session->live(), &LiveSession::stateChanged, this, &LiveBar::showStatus);
        connect(session->live(), &LiveSession::statusChanged, this, &LiveBar::showStatus);
        connect(session->playback(), &Playback::modeChanged, this, &LiveBar::showMode);
        connect(session->playback(), &Playback::momentChanged, this, &LiveBar::showMode);
        connect(session->playback(), &Playback::recordedChanged, this, &LiveBar::showStatus);
        connect(session->context(), &session::SessionContext::timeDisplayChanged, this, &LiveBar::showMode);
    }
    showStatus();
}

QString LiveBar::recordingText() const { return m_recording->text(); }

QString LiveBar::serverText(int server) const
{
    return server < m_servers.size() ? m_servers[server]->text() : QString();
}

void LiveBar::showStatus()
{
    const bool hasAny = m_session
        && (m_session->live()->state() != LiveSession::State::Idle
            || !m_session->playback()->recorded().isEmpty());
    setVisible(hasAny);
    if (!hasAny)
        return;
    const LiveSession *live = m_session->live();
    const bool isLive = live->isLive();
    m_snapshot->setEnabled(isLive);
    m_stop->setEnabled(isLive || live->state() == LiveSession::State::Starting);
    m_top->setVisible(live->state() != LiveSession::State::Idle);
    const live::RecordingStatus &status = live->recording();
    QStringList parts;
    if (live->state() == LiveSession::State::Starting)
        parts << tr("starting");
    else if (live->state() == LiveSession::State::Stopping)
        parts << tr("storing what waits");
    else if (status.error)
        parts << fromUtf8(status.error->toText());
    else {
        parts << tr("%1 rows/s").arg(live->rowsPerSecond(), 0, 'f', live->rowsPerSecond() < 10 ? 1 : 0);
        if (status.workspaceBytes > 0)
            parts << fromUtf8(humanBytes(std::uint64_t(status.workspaceBytes)));
        if (status.bytesPerHour > 0)
            parts << tr("%1/h").arg(fromUtf8(humanBytes(std::uint64_t(status.bytesPerHour))));
        if (status.gaps > 0)
            parts << tr("%n gap(s)", nullptr, int(status.gaps));
    }
    m_recording->setText(parts.join(QStringLiteral(" · ")));
    const QString counted
        = tr("%1 rows stored, %2 left out because nothing had changed, %3 waiting, %4 gaps. "
             "Size of the workspace file, and what an hour adds by the rate so far.")
              .arg(fromUtf8(groupedCount(status.rows)), fromUtf8(groupedCount(status.unchangedRows)),
                  fromUtf8(humanBytes(status.waitingBytes)))
              .arg(status.gaps);
    m_recording->setToolTip(status.error ? m_recording->text() + QStringLiteral("\n") + counted : counted);
    showServers();
    showPassword();
    showMode();
}

void LiveBar::showServers()
{
    const auto &servers = m_session->live()->servers();
    while (m_servers.size() > qsizetype(servers.size()))
        delete m_servers.takeLast();
    while (m_servers.size() < qsizetype(servers.size())) {
        auto *made = new QToolButton(m_top);
        made->setAutoRaise(true);
        m_serverRow->addWidget(made);
        m_servers << made;
    }
    const widgets::Theme theme(palette());
    for (std::size_t i = 0; i < servers.size(); ++i) {
        const live::ServerStatus &status = servers[i];
        QToolButton *made = m_servers[qsizetype(i)];
        const int level = items::liveStateLevel(status.state);
        QString text = QStringLiteral("%1 %2").arg(markOf(level), fromUtf8(status.label));
        if (level > 0 || items::liveStateText(status) != QLatin1String("connected"))
            text += QStringLiteral(": ") + items::liveStateText(status);
        if (status.state == ServerState::Lost && status.since > 0)
            text += tr(" since %1")
                        .arg(m_session->context()
                                 ->timeText(status.since)
                                 .section(QLatin1Char(' '), 1, 1)
                                 .left(8));
        if (made->text() != text) {
            made->setText(text);
            made->setAccessibleName(text);
            QPalette colours = palette();
            const QColor color = level == 0 ? theme.good() : level < 3 ? theme.warning() : theme.critical();
            colours.setColor(QPalette::ButtonText, level == 0 ? theme.text() : color);
            made->setPalette(colours);
        }
        made->setToolTip(items::liveFactsText(status));
    }
}

void LiveBar::showPassword()
{
    const auto &servers = m_session->live()->servers();
    int asking = -1;
    for (std::size_t i = 0; i < servers.size() && asking < 0; ++i) {
        if (servers[i].state == ServerState::NeedsPassword)
            asking = int(i);
    }
    if (asking == m_asking)
        return;
    m_asking = asking;
    m_passwordRow->setVisible(asking >= 0);
    m_password->clear();
    if (asking < 0)
        return;
    const live::ServerStatus &status = servers[std::size_t(asking)];
    m_passwordText->setText(tr("%1 asks for a password:").arg(fromUtf8(status.label)));
    m_passwordText->setToolTip(fromUtf8(status.detail));
}

void LiveBar::givePassword()
{
    if (!m_session || m_asking < 0)
        return;
    const auto &targets = m_session->live()->targets();
    const QString password = m_password->text();
    if (m_remember->isChecked() && std::size_t(m_asking) < targets.size())
        keepPassword(this, fromUtf8(live::safeText(targets[std::size_t(m_asking)])), password,
            [this](const QString &problem) {
                if (!problem.isEmpty())
                    m_recording->setText(tr("The keychain did not take the password: %1").arg(problem));
            });
    const int asking = std::exchange(m_asking, -1);
    m_password->clear();
    m_passwordRow->hide();
    // Last: it may show the row again, for the next server that asks.
    m_session->live()->setPassword(std::size_t(asking), password.toStdString());
}

void LiveBar::showMode()
{
    if (!m_session)
        return;
    const Playback *playback = m_session->playback();
    const bool isFollowing = playback->mode() == Playback::Mode::Follow;
    const bool isLive = m_session->live()->isLive();
    m_follow->setText(isFollowing ? tr("Pause") : isLive ? tr("Follow") : tr("To the End"));
    m_follow->setAccessibleName(m_follow->text());
    m_follow->setToolTip(isFollowing ? tr("Hold this moment in all views; the recording goes on (Space)")
                                     : tr("Show the newest (Space, End)"));
    m_play->setText(playback->mode() == Playback::Mode::Play ? tr("Hold") : tr("Play"));
    m_play->setAccessibleName(m_play->text());
    if (playback->moment() == kUnknownNanos) {
        m_time->clear();
    } else {
        const QString text = m_session->context()->timeText(playback->moment());
        const QString seconds = text.section(QLatin1Char('.'), 0, 0);
        m_time->setText(isFollowing && isLive
                ? tr("%1 · live").arg(seconds)
                : tr("%1 · %2").arg(seconds, isFollowing ? tr("end") : tr("held")));
        if (playback->mode() == Playback::Mode::Play)
            m_time->setText(tr("%1 · replay").arg(seconds));
        m_time->setToolTip(text);
    }
    const int window = m_window->findData(int(playback->windowNs() / kNanosPerSecond / 60));
    if (window >= 0 && window != m_window->currentIndex())
        m_window->setCurrentIndex(window);
}

void LiveBar::togglePause()
{
    if (!m_session)
        return;
    Playback *playback = m_session->playback();
    if (playback->mode() == Playback::Mode::Follow)
        playback->hold(playback->moment());
    else
        playback->follow();
}

void LiveBar::togglePlay()
{
    if (!m_session)
        return;
    Playback *playback = m_session->playback();
    if (playback->mode() == Playback::Mode::Play)
        playback->hold(playback->moment());
    else
        playback->play(m_speed->currentData().toDouble());
}

void LiveBar::stepBack()
{
    if (m_session)
        m_session->playback()->step(-kNanosPerSecond);
}

void LiveBar::stepForward()
{
    if (m_session)
        m_session->playback()->step(kNanosPerSecond);
}

void LiveBar::snapshot()
{
    if (m_session)
        m_session->live()->runNow();
}

void LiveBar::stop()
{
    if (m_session)
        m_session->live()->stop();
}

void LiveBar::keyPressEvent(QKeyEvent *event)
{
    if (!m_session)
        return QWidget::keyPressEvent(event);
    switch (event->key()) {
    case Qt::Key_Space:
        return togglePause();
    case Qt::Key_Left:
        return stepBack();
    case Qt::Key_Right:
        return stepForward();
    case Qt::Key_Home:
        return m_session->playback()->hold(m_session->playback()->recorded().begin);
    case Qt::Key_End:
        return m_session->playback()->follow();
    default:
        QWidget::keyPressEvent(event);
    }
}

} // namespace tailscope::app
