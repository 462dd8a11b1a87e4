// One requester's turn in the arbitration of d1_sram: bank of each lane, which lanes are granted, which banks that takes.
// Combinational. Lanes of one bank: the lowest is granted; later ones only if they read the same word (Share).
// Never grants a bank that is not in free_i, and never two words of one bank.
module d1_sram_grant #(
  parameter bit Share = 1'b1     // reading requester: lanes with the same word share an access
) (
  input  logic [7:0]   req_i,
  input  logic [143:0] word_i,   // lane l: word 18l+17..18l
  input  logic         share_i,  // this cycle's access is a read
  input  logic [63:0]  free_i,
  output logic [7:0]   gnt_o,
  output logic [47:0]  bank_o,   // lane l: bank 6l+5..6l, where requested
  output logic [63:0]  take_o
);

  // Word w lies in bank (w + 3*(w >> 6)) mod 64: rows are skewed so that a column of a matrix spreads over the banks.
  function automatic logic [5:0] bank_of(input logic [11:0] word);
    bank_of = word[5:0] + word[11:6] + {word[10:6], 1'b0};
  endfunction

  always_comb begin : grant
    logic [63:0] seen, one;
    logic [7:0]  gnt;
    logic [47:0] banks;
    logic [5:0]  bank;
    seen  = '0;
    one   = '0;
    gnt   = '0;
    banks = '0;
    bank  = '0;
    if (req_i != '0) begin
      for (int l = 0; l < 8; l++) begin
        bank = bank_of(word_i[18*l +: 12]);
        if (req_i[l]) begin
          banks[6*l +: 6] = bank;
          one = 64'd1 << bank;
          if ((seen & one) == '0) begin
            gnt[l] = (free_i & one) != '0;
          end else if (Share && share_i) begin
            // Same bank as an earlier lane: granted only with that lane, if it wants the same word.
            for (int k = 0; k < l; k++) begin
              if (gnt[k] && word_i[18*k +: 18] == word_i[18*l +: 18]) gnt[l] = 1'b1;
            end
          end
          seen = seen | one;
        end
      end
    end
    gnt_o  = gnt;
    bank_o = banks;
    take_o = seen & free_i;
  end

endmodule
