# Some packets to one address, of which each has to be answered. A few are on their way at a time, so that no queue
# overflows; a late one makes room for the next, and is lost only when nothing came within LIMIT seconds of the last.
package Burst;
use strict;
use warnings;

use constant { WINDOW => 4, FIRST => 16, LATE => 0.05, LIMIT => 2 };

# Options: `send` takes a number from 0 and returns undef or the words of a failure; `done` gets this burst at its end.
sub start {
    my ($probe, %options) = @_;
    my $burst = {
        window => WINDOW, first => $options{window} // FIRST, count => $probe->{count}, limit => LIMIT, %options,
        probe => $probe, sent => 0, answered => 0, open => {},
    };
    $probe->{wake} = sub { advance($burst) };
    advance($burst);
    return $burst;
}

# Whether the n-th was still open.
sub answer {
    my ($burst, $n) = @_;
    return 0 if !defined delete $burst->{open}{$n};
    $burst->{answered}++;
    return 1;
}

sub advance {
    my ($burst) = @_;
    my ($probe, $open) = @$burst{qw(probe open)};
    return if $probe->{over} || $burst->{over};
    my $now = Loop::now();
    my @young = grep { $now - $_ < LATE } values %$open;
    # As long as none was answered, no more than the first are sent: perhaps nobody is there. They are enough for one of
    # them to come through where half of all packets get lost both ways.
    my $room = $burst->{window} - @young;
    $room = $burst->{first} - $burst->{sent} if !$burst->{answered};
    while ($room-- > 0 && $burst->{sent} < $burst->{count}) {
        my $n = $burst->{sent}++;
        $open->{$n} = $burst->{last} = $now;
        push @young, $now;
        my $failure = $burst->{send}($n);
        return $probe->{end}('fail', $failure) if defined $failure;
    }
    return finish($burst) if $burst->{answered} == $burst->{count} || $now >= $burst->{last} + $burst->{limit};
    $probe->{due} = $burst->{last} + $burst->{limit};
    return if $burst->{sent} == $burst->{count} || !$burst->{answered};
    my ($oldest) = sort { $a <=> $b } @young;
    $probe->{due} = ($oldest // $now) + LATE;
}

sub finish {
    my ($burst) = @_;
    $burst->{over} = 1;
    $burst->{done}($burst);
}

# The words for a burst of which not all were answered.
sub loss {
    my ($burst, @arrived) = @_;
    return 'timeout' if !$burst->{answered};
    my $lost = $burst->{sent} - $burst->{answered};
    return join ' ', 'lost', $lost, $burst->{sent}, @arrived;
}

# The words for an error of the pod's own kernel; undef for what only costs this one packet.
sub refusal {
    return 'no-route' if $!{ENETUNREACH};
    return 'refused' if $!{ECONNREFUSED};
    return;
}

1;
