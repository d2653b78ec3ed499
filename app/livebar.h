// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>
#include <QVector>
#include <QWidget>

class QCheckBox;
class QComboBox;
class QHBoxLayout;
class QLabel;
class QLineEdit;
class QToolButton;

namespace tailscope::session {
class Session;
}

namespace tailscope::app {

class TimeSlider;

/// Below the tool bar while something is recorded or can be replayed: the servers and how it goes with them,
/// the recording, and the moment that all live views show. A server that needs a password is asked for here.
/// Keys: Space holds and follows, Left and Right step, Home and End.
class LiveBar : public QWidget
{
    Q_OBJECT
public:
    explicit LiveBar(QWidget *parent = nullptr);
    void setSession(session::Session *session); ///< null: hidden

    TimeSlider *slider() const { return m_slider; }
    QToolButton *followButton() const { return m_follow; }
    QToolButton *playButton() const { return m_play; }
    QComboBox *windowBox() const { return m_window; }
    QComboBox *speedBox() const { return m_speed; }
    QLineEdit *passwordField() const { return m_password; }
    QString recordingText() const;
    QString serverText(int server) const;

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    QWidget *createTop();
    QWidget *createTimes();
    QWidget *createPassword();
    QToolButton *button(const QString &text, const QString &toolTip, QHBoxLayout *layout,
        void (LiveBar::*run)());
    void showStatus();
    void showServers();
    void showMode();
    void showPassword();
    void togglePause();
    void togglePlay();
    void stepBack();
    void stepForward();
    void snapshot();
    void stop();
    void givePassword();

    QPointer<session::Session> m_session;
    QWidget *m_top, *m_passwordRow;
    QHBoxLayout *m_serverRow = nullptr;
    QVector<QToolButton *> m_servers;
    QLabel *m_recording, *m_time, *m_passwordText;
    TimeSlider *m_slider;
    QToolButton *m_follow = nullptr, *m_play = nullptr, *m_snapshot = nullptr, *m_stop = nullptr;
    QComboBox *m_window, *m_speed;
    QLineEdit *m_password;
    QCheckBox *m_remember;
    int m_asking = -1; ///< the server whose password is asked for
};

} // namespace tailscope::app
